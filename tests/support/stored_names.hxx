// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

struct SimulatedInode;
using InodePtr = std::shared_ptr<SimulatedInode>;
/// In the order in which they were made, so that what is drawn depends on nothing else.
struct InodeOrder {
  bool operator()(const InodePtr& a, const InodePtr& b) const noexcept;
};

/// Which names are on stable storage, and what was done to names since then.
class StoredNames {
 public:
  /// A name within a directory.
  using Place = std::pair<InodePtr, std::string>;
  struct PlaceOrder {
    bool operator()(const Place& a, const Place& b) const noexcept;
  };
  using Names = std::map<Place, InodePtr, PlaceOrder>;
  /// What a name stands for from now on; null: it is gone.
  struct Edit {
    Place place;
    InodePtr inode;
  };
  /// What one call does, at once or not at all.
  using Change = std::vector<Edit>;

  void Add(Change change) { changes_.push_back(std::move(change)); }

  /// Stores the changes that have an edit for which @p is_stored is true. A change is never stored without
  /// those before it that were about the same names.
  void Store(const std::function<bool(const Edit&)>& is_stored);

  /// A power failure: stores some changes, and forgets the others.
  /// @param in_order a beginning of them; else any
  void Cut(std::mt19937_64& random, bool in_order);

  [[nodiscard]] const Names& Stored() const noexcept { return stored_; }

 private:
  void Store(std::vector<bool> chosen);

  Names stored_;
  std::vector<Change> changes_;  ///< the oldest first
};
