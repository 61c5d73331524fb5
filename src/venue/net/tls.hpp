#pragma once
// A certificate of our own for 127.0.0.1 and localhost, for the virtual venues' TLS.
#include <string>

#include "base/result.hpp"

namespace voltage::venue::net {

struct Certificate {
  std::string certificate_pem;  // also what a client must trust
  std::string key_pem;
};
Result<Certificate> self_signed();

}  // namespace voltage::venue::net
