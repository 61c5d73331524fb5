#include "venue/stream_supervisor.hpp"

#include <algorithm>

namespace voltage::venue {

void StreamSupervisor::start(Time now) {
  if (phase_ == StreamPhase::stopped) connect(now);
}

void StreamSupervisor::stop() {
  if (open_) actions_.push_back(stream::Close{generation_, "stopped"});
  open_ = false;
  phase_ = StreamPhase::stopped;
}

void StreamSupervisor::connect(Time now) {
  ++generation_;
  open_ = true;
  acks_ = 0;
  resubscribed_ = false;
  phase_ = StreamPhase::connecting;
  since_ = last_heard_ = now;
  actions_.push_back(stream::Connect{generation_});
}

void StreamSupervisor::subscribe(bool again, Time now) {
  acks_ = 0;
  phase_ = StreamPhase::subscribing;
  since_ = now;
  last_data_ = now;
  actions_.push_back(stream::Subscribe{generation_, again});
}

void StreamSupervisor::opened(std::uint64_t generation, Time now) {
  if (!current(generation) || phase_ != StreamPhase::connecting) return;
  last_heard_ = now;
  subscribe(false, now);
}

void StreamSupervisor::heard(std::uint64_t generation, Time now) {
  if (current(generation)) last_heard_ = now;
}

void StreamSupervisor::acked(std::uint64_t generation, Time now) {
  if (!current(generation) || phase_ != StreamPhase::subscribing || ++acks_ < rules_.acks) return;
  phase_ = StreamPhase::recovering;
  since_ = now;
  actions_.push_back(stream::Recover{generation_});
}

void StreamSupervisor::data(std::uint64_t generation, Time now) {
  if (!current(generation)) return;
  last_data_ = now;
  attempts_ = 0;
  resubscribed_ = false;
}

void StreamSupervisor::recovered(std::uint64_t generation, Time now) {
  if (!current(generation) || phase_ != StreamPhase::recovering) return;
  phase_ = StreamPhase::live;
  since_ = now;
}

void StreamSupervisor::failed(std::uint64_t generation, const std::string& why, Time now) {
  if (!current(generation)) return;
  why_ = why;
  ++failures_;
  open_ = false;
  phase_ = StreamPhase::waiting;
  since_ = now;
  actions_.push_back(stream::Close{generation, why});
  // Full jitter over the upper half: clients that were cut together do not come back together.
  const int doublings = std::min(attempts_, 20);
  const std::int64_t span = std::min(rules_.backoff_cap.ns, rules_.backoff_first.ns << doublings);
  retry_at_ =
      now + Duration{span / 2 + static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(span / 2 + 1)))};
  ++attempts_;
}

void StreamSupervisor::tick(Time now) {
  if (phase_ == StreamPhase::stopped) return;
  if (phase_ == StreamPhase::waiting) {
    if (now >= retry_at_) connect(now);
    return;
  }
  if (phase_ == StreamPhase::connecting) {
    if (now - since_ > rules_.connect_timeout) failed(generation_, "no connection in time", now);
    return;
  }
  if (now - last_heard_ > rules_.transport_timeout) return failed(generation_, "transport silent", now);
  if (phase_ == StreamPhase::subscribing) {
    if (now - since_ > rules_.ack_timeout) failed(generation_, "subscription not acknowledged", now);
    return;
  }
  const Duration silent = now - last_data_;
  const Duration allowed = resubscribed_ ? rules_.resubscribe_grace : rules_.content_timeout;
  if (silent <= allowed) return;
  if (resubscribed_) return failed(generation_, "subscription silent, also the second one", now);
  why_ = "subscription silent";
  ++failures_;
  resubscribed_ = true;
  subscribe(true, now);
}

Time StreamSupervisor::next_due() const {
  switch (phase_) {
    case StreamPhase::stopped:
      return Time{INT64_MAX};
    case StreamPhase::waiting:
      return retry_at_;
    case StreamPhase::connecting:
      return since_ + rules_.connect_timeout;
    case StreamPhase::subscribing:
      return std::min(since_ + rules_.ack_timeout, last_heard_ + rules_.transport_timeout);
    default:
      return std::min(last_heard_ + rules_.transport_timeout,
                      last_data_ + (resubscribed_ ? rules_.resubscribe_grace : rules_.content_timeout));
  }
}

}  // namespace voltage::venue
