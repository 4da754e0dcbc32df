// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "base/disk_file.hxx"
#include "spool/drop_directory.hxx"
#include "spool/queue.hxx"
#include "support/simulated_disk.hxx"
#include "support/simulated_process.hxx"
#include "unit/spool/spool_directory.hxx"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// A spool on a SimulatedDisk.
class SimulatedSpool {
 public:
  static constexpr uid_t kSubmitter = 1000;
  static constexpr gid_t kGroup = 200;
  static constexpr char kDrop[] = "/spool/drop";

  SimulatedSpool(SimulatedDisk::Rule rule, std::uint64_t seed) : disk(rule, seed) {
    const SimulatedDisk::Creator runner{::geteuid(), kGroup};
    disk.MakeDirectory("/spool", 0755, runner);
    disk.MakeDirectory(kDrop, 03733, runner);
    for (const char* own : {"/spool/queue", "/spool/corrupt"}) disk.MakeDirectory(own, 0700, runner);
  }

  /// A drop that was acknowledged long ago.
  void PutDrop(const std::string& name, const std::string& text) {
    SimulatedProcess sender(disk, kSubmitter, kSubmitter);
    const UniqueFd file =
        ::Open(sender, {FdRef(AT_FDCWD), std::string(kDrop) + "/" + name}, O_WRONLY | O_CREAT | O_EXCL, 0640);
    WriteAll(sender, file, text);
    disk.WriteBack();
  }

  SimulatedDisk disk;
};

/// As much of the runner as moves messages within the spool.
struct SimulatedRunner {
  explicit SimulatedRunner(SimulatedSpool& spool)
      : process(spool.disk, ::geteuid(), SimulatedSpool::kGroup),
        drops(spool.disk.OpenDirectory("/spool"), process),
        queue(spool.disk.OpenDirectory("/spool/queue"), process) {}

  /// The runner's order of doing it: into the queue with one commit, and only then out of drop/. Throws
  /// std::system_error.
  void TakeIn() {
    spool::QueueBatch batch(queue);
    std::vector<std::string> taken;
    auto names = drops.List();
    while (const auto name = names.Next()) {
      if (!spool::DropDirectory::Counts(*name)) continue;
      auto opened = drops.Open(*name, kTestTime);
      if (auto* const drop = std::get_if<spool::Drop>(&opened)) {
        if (queue.Contains(drop->envelope.id))
          queue.SyncNames();
        else
          batch.Add(std::move(drop->envelope), std::move(drop->file), drop->message_offset);
        taken.push_back(*name);
      } else if (std::get<spool::Refusal>(opened).torn) {
        drops.Remove(*name);
      } else {
        drops.SetAside(*name, kTestTime);
      }
    }
    static_cast<void>(batch.Commit());
    for (const auto& name : taken) drops.Remove(name);
  }

  SimulatedProcess process;
  spool::DropDirectory drops;
  spool::Queue queue;
};

constexpr SimulatedDisk::Rule kEveryRule[] = {SimulatedDisk::Rule::Journal, SimulatedDisk::Rule::OwnNames,
                                              SimulatedDisk::Rule::Posix};
/// What a disk must keep for drops: those who submit can't sync drop/ itself.
constexpr SimulatedDisk::Rule kRulesOfDrops[] = {SimulatedDisk::Rule::Journal, SimulatedDisk::Rule::OwnNames};
