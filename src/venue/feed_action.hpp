#pragma once
// What a feed asks of whoever owns its sockets. Feeds are pure: they say what should happen, with the
// generation of the connection that is meant, and are told what became of it.
#include <cstdint>
#include <string>
#include <variant>

namespace voltage::venue {

namespace out {
struct Connect {
  std::uint64_t generation{};
};
struct Send {
  std::uint64_t generation{};
  std::string text;
};
struct Close {
  std::uint64_t generation{};
};
struct Get {  // to be answered with rest_answer or rest_failed of the same number
  std::uint64_t request{};
  std::string target;  // below the base path
};
}  // namespace out
using FeedAction = std::variant<out::Connect, out::Send, out::Close, out::Get>;

}  // namespace voltage::venue
