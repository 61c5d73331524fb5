#pragma once
// When to connect, subscribe, recover and give up on a stream: a pure state machine for one connection.
// Told what happened and what time it is, it answers with actions; the sockets are somebody else's. Three
// watchdogs: transport (nothing at all arrives, pings included), subscription (no acknowledgement), content
// (frames arrive, data does not). Every connection has a generation; news of an older one is ignored.
//
//   waiting → connecting → subscribing → recovering → live
//      ↑___________________________________________|   any failure: back off (exponential, jitter, cap)
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/rng.hpp"
#include "base/types.hpp"

namespace voltage::venue {

struct StreamRules {
  Duration connect_timeout{10'000'000'000};
  Duration transport_timeout{9'000'000'000};  // a half-open socket is found within ten seconds
  Duration ack_timeout{10'000'000'000};
  Duration content_timeout{75'000'000'000};    // since the last data, or since the subscription
  Duration resubscribe_grace{15'000'000'000};  // a new subscription that stays silent costs the connection
  Duration backoff_first{100'000'000};
  Duration backoff_cap{60'000'000'000};
  int acks{1};  // how many make a subscription complete
};

enum class StreamPhase : std::uint8_t { stopped, waiting, connecting, subscribing, recovering, live };

namespace stream {
struct Connect {
  std::uint64_t generation{};
};
struct Subscribe {
  std::uint64_t generation{};
  bool again{false};  // on a connection that has a subscription: drop that one first
};
struct Recover {  // fetch what was missed, then say recovered()
  std::uint64_t generation{};
};
struct Close {
  std::uint64_t generation{};
  std::string why;
};
}  // namespace stream
using StreamAction = std::variant<stream::Connect, stream::Subscribe, stream::Recover, stream::Close>;

class StreamSupervisor {
 public:
  StreamSupervisor(StreamRules rules, std::uint64_t seed) : rules_{rules}, rng_{seed} {}

  void start(Time now);
  void stop();
  void opened(std::uint64_t generation, Time now);
  void heard(std::uint64_t generation, Time now);  // any frame, ping or pong
  void acked(std::uint64_t generation, Time now);
  void data(std::uint64_t generation, Time now);
  void recovered(std::uint64_t generation, Time now);
  // The connection ended, could not be made, or must not be believed any more.
  void failed(std::uint64_t generation, const std::string& why, Time now);
  void tick(Time now);

  StreamPhase phase() const { return phase_; }
  bool live() const { return phase_ == StreamPhase::live; }
  std::uint64_t generation() const { return generation_; }
  bool current(std::uint64_t generation) const { return generation == generation_ && open_; }
  const std::string& why() const { return why_; }  // of the last failure
  std::int64_t failures() const { return failures_; }
  // When tick() has something to do at the latest.
  Time next_due() const;

  std::vector<StreamAction> take_actions() { return std::exchange(actions_, {}); }

 private:
  void connect(Time now);
  void subscribe(bool again, Time now);

  StreamRules rules_;
  Rng rng_;
  StreamPhase phase_{StreamPhase::stopped};
  std::uint64_t generation_{0};
  bool open_{false};  // the current generation's connection is believed to exist
  bool resubscribed_{false};
  int acks_{0};
  int attempts_{0};  // since the last data
  std::int64_t failures_{0};
  std::string why_;
  Time since_{};  // of the phase
  Time last_heard_{};
  Time last_data_{};
  Time retry_at_{};
  std::vector<StreamAction> actions_;
};

}  // namespace voltage::venue
