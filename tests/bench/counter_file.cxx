// SPDX-License-Identifier: BSD-2-Clause
#include "counter_file.hxx"

#include "base/text.hxx"

#include <fstream>
#include <stdexcept>

namespace bench {

std::size_t ReadCounter(const std::string& file, const std::string& name) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name + ": ")) continue;
    if (const auto number = ParseNumber<std::size_t>(line.substr(name.size() + 2))) return *number;
  }
  throw std::runtime_error("No counter " + name + " in " + file);
}

void AwaitCounter(const std::string& file, const std::string& name, std::size_t count,
                  Clock::time_point deadline) {
  const Watch watch(file);
  while (ReadCounter(file, name) < count) (void)watch.Await(deadline);
}

}  // namespace bench
