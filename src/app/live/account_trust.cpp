#include "app/live/account_trust.hpp"

#include "venue/kalshi/order_desk.hpp"
#include "venue/kalshi/rest_shape.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;

constexpr Duration kStatementMax = 60_s;    // without a good comparison for longer nothing new is risked
constexpr Duration kComparisonMax = 180_s;  // nor where the account is read, and orders under way forbid to compare

}  // namespace

void AccountTrust::on_stream(const event::StreamHealth& m) {
  link_ = m;
  notice_lasting(m.why);
}

void AccountTrust::on_failure(const std::string& why) {
  unread_ = "the account can't be read: " + why;
  notice_lasting(why);
}

// What the venue has changed in its format stays changed for this run, and two traders that undo each other's orders
// are for a person to part, whatever the stream says later.
void AccountTrust::notice_lasting(const std::string& why) {
  const bool lasts = why.starts_with(venue::kalshi::kSchemaChanged) || why.starts_with(venue::kalshi::kAnotherTrader);
  if (!lasting_.empty() || !lasts) return;
  lasting_ = why;
  said_.reset();  // the reason is news, also where the account was in doubt already
}

std::optional<event::StreamHealth> AccountTrust::news() {
  event::StreamHealth now = link_;
  if (now.health == event::Health::healthy) {
    if (!books_.equal()) {
      now = {event::Stream::kalshi_private, event::Health::down, books_.why()};
    } else if (const Duration old = clock_.wall(clock_.now() - books_.equal_at());
               old > kStatementMax && !unread_.empty()) {
      now = {event::Stream::kalshi_private, event::Health::stale, unread_};
    } else if (old > kComparisonMax) {
      now = {event::Stream::kalshi_private, event::Health::stale,
             "the books could not be compared for three minutes: something of ours is always under way"};
    }
  }
  if (!new_key_.empty()) now = {event::Stream::kalshi_private, event::Health::down, new_key_};
  if (!lasting_.empty()) now = {event::Stream::kalshi_private, event::Health::down, lasting_};
  if (said_ == now.health) return std::nullopt;
  said_ = now.health;
  return now;
}

}  // namespace voltage::app::live
