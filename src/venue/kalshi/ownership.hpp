#pragma once
// Which orders of an account are ours: those whose client_order_id begins with our prefix. A person's own
// orders have none of ours and are never touched, unless the account is declared to be the program's alone.
#include <string>
#include <string_view>

namespace voltage::venue::kalshi {

inline constexpr std::string_view kOurPrefix = "voltage-";

struct Ownership {
  std::string prefix{kOurPrefix};
  bool exclusive_account{false};
  bool ours(std::string_view client_order_id) const {
    return exclusive_account || (!prefix.empty() && client_order_id.starts_with(prefix));
  }
};

}  // namespace voltage::venue::kalshi
