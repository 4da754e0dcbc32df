// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "programs/relay/tls.hxx"

namespace relay {

struct TlsContexts {
  TlsContext verifying{TlsContext::Verify::Yes};
  TlsContext any{TlsContext::Verify::No};
};

}  // namespace relay
