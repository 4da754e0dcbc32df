// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "queue/clock.hxx"
#include "queue/couriers.hxx"
#include "queue/log.hxx"
#include "queue/random.hxx"
#include "queue/router.hxx"
#include "queue/settings_source.hxx"
#include "queue/store.hxx"
#include "queue/users.hxx"

namespace queue {

/// All that the engine has to do with. It makes none of it, and lives in one thread. Everything here outlives
/// the engine.
struct Environment {
  Clock& clock;
  Log& log;
  Store& store;
  SettingsSource& settings;
  Router& router;
  Users& users;
  Couriers& couriers;
  Random random;
};

}  // namespace queue
