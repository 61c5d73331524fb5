#pragma once
// How a message leaves, and where to. The file that names the webhooks is a secret: mode 0600, one a line,
//
//   slack URL | discord URL | telegram URL CHAT_ID | ntfy URL      who hears of alerts
//   ping URL                                                        the outside watcher (healthchecks-compatible)
//
// where telegram's URL is https://api.telegram.org/bot<token>. Pure: requests come out, nobody sends them here.
#include <string>
#include <string_view>
#include <vector>

#include "app/watch/alerts.hpp"
#include "base/result.hpp"
#include "venue/net/http.hpp"

namespace voltage::app::watch {

enum class HookKind : std::uint8_t { slack, discord, telegram, ntfy };
const char* name(HookKind kind);

struct Hook {
  HookKind kind{};
  std::string url;
  std::string chat;  // telegram only
};

struct HookConfig {
  std::vector<Hook> hooks;
  std::string ping;
};
Result<HookConfig> parse_hooks(std::string_view text);
// Refuses a file that others may read.
Result<HookConfig> read_hooks(const std::string& path);

// The requests, below the hook's URL: of an alert, and of anything else that a person reads at leisure.
venue::net::Request note_of(const Hook& hook, const std::string& head, const std::string& text);
venue::net::Request request_of(const Hook& hook, const AlertMessage& message);

}  // namespace voltage::app::watch
