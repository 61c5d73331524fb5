#pragma once
// Whether the account can be believed, which the core hears as the health of its private stream: when that stream
// lives, our books were found equal to the venue's, the venue's format is the one we know, and nobody else trades under
// our prefix.
#include <optional>
#include <string>

#include "app/live/reconciler.hpp"
#include "event/event.hpp"
#include "venue/clock.hpp"

namespace voltage::app::live {

class AccountTrust {
 public:
  AccountTrust(const Reconciler& books, const venue::VenueClock& clock) : books_{books}, clock_{clock} {}

  void on_stream(const event::StreamHealth& m);
  void on_statement() {
    unread_.clear();
    new_key_.clear();
  }
  void on_new_key(const std::string& why) { new_key_ = why; }  // until the next statement
  void on_failure(const std::string& why);                     // no statement could be read
  bool stream_lives() const { return link_.health == event::Health::healthy; }
  // What the core must hear now; empty: nothing new.
  std::optional<event::StreamHealth> news();

 private:
  void notice_lasting(const std::string& why);

  const Reconciler& books_;
  const venue::VenueClock& clock_;
  event::StreamHealth link_{event::Stream::kalshi_private, event::Health::unknown, ""};
  std::optional<event::Health> said_;
  std::string unread_, new_key_;
  std::string lasting_;  // what this run will not get over
};

}  // namespace voltage::app::live
