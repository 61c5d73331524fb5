// Both feeds, the whole core and a network that goes away for seconds to hours, in virtual time: no decision stands
// on a book that is not believed or on streams that went silent, and the bars are those of an uninterrupted run.
#include <cmath>
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "app/run/baseline_edge.hpp"
#include "app/run/core.hpp"
#include "app/run/recorder.hpp"
#include "app/run/world.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "support/full.hpp"
#include "venue/kalshi/feed.hpp"
#include "venue/kraken/feed.hpp"
#include "venue/virtual/kalshi_api.hpp"
#include "venue/virtual/kalshi_session.hpp"
#include "venue/virtual/kraken_api.hpp"

namespace voltage::app {
namespace {

using namespace literals;
namespace vk = venue::virtual_kalshi;
namespace out = venue::out;

constexpr Duration kStep{100'000'000};
// The index comes each second: after three without it the core must know, and it hears of it within a step.
constexpr Duration kIndexSilence{3'200'000'000};
constexpr Duration kBookSilence{10'100'000'000};

class Rig final : public Recorder {
 public:
  Rig()
      : world_{options()},
        gate_{"key", *venue::kalshi::Key::generate(venue::kalshi::Key::Kind::ed25519)},
        api_{world_, gate_, *vk::tier_of("prestige")},
        kalshi_{{{"KXBTC15M", "KXBTCD"}, {}}, 3},
        kraken_{{}, 4},
        core_{config()},
        exchange_{venue::sim::neutral()},
        loop_{core_.engine(), exchange_, forecasts_, {this}, 20_ms},
        start_{world_.now()} {}

  void step() {
    world_.advance(world_.now() + kStep);
    const Time now = world_.now();
    if (!started_) kalshi_.start(now), kraken_.start(now);
    started_ = true;
    for (const auto& notice : world_.exchange().take_notices()) {
      if (kalshi_session_) kalshi_session_->on_notice(notice);
    }
    for (const auto& second : world_.take_index()) {
      if (kalshi_session_) kalshi_session_->on_index(second);
    }
    if (kalshi_session_) kalshi_session_->flush();
    if (kraken_session_) kraken_session_->on_time(now);
    answer_rest();
    deliver();
    kalshi_.tick(now);
    kraken_.tick(now);
    for (int round = 0; round < 4; ++round) carry();
    for (auto& e : kalshi_.take_events()) loop_.happen(now, std::move(e));
    for (auto& e : kraken_.take_events()) happen(std::move(e));
    loop_.pass(now);
  }
  void run(Duration length) {
    for (const Time end = world_.now() + length; world_.now() < end;) step();
  }
  void cut(Duration length, bool silent) {
    down_until_ = world_.now() + length;
    kalshi_session_.reset();
    kraken_session_.reset();
    if (silent) return;
    kalshi_.closed(kalshi_generation_, "cut", world_.now());
    kraken_.closed(kraken_generation_, "cut", world_.now());
  }
  Time now() const { return world_.now(); }

  void record(const event::Event& e) override {
    if (const auto* said = std::get_if<event::StreamHealth>(&e.what)) health_[said->stream] = said->health;
  }
  void record(const event::Event& cause, const event::Effect& fx) override {
    if (const auto* d = std::get_if<event::Decision>(&fx)) judge(cause.at, *d);
    if (const auto* o = std::get_if<event::PlaceOrder>(&fx)) {
      ++orders;
      EXPECT_EQ(unfit(cause.at, o->terms().contract), "") << format_iso(cause.at);
    }
  }

  std::map<Time, market::Candle> bars;
  std::int64_t decisions{0}, free_decisions{0}, refused_in_trouble{0}, orders{0};

 private:
  static vk::WorldOptions options() {
    vk::WorldOptions o;
    o.start = *parse_iso("2026-11-23T14:10:00Z");
    o.history = 3_h;
    o.ladder = {2, 100};
    o.flicker_rate = 3;
    o.taker_rate = 0.5;
    o.volatility_error = 0.6;
    return o;
  }
  static CoreConfig config() {
    CoreConfig c;
    c.engine.needed[static_cast<std::size_t>(event::Stream::journal)] = false;
    c.strategy.belief.mean = {0, 0.9, 0.1, 0};  // our own fair value counts: orders come of it
    c.strategy.disagreement_max = 3;
    return c;
  }

  // Why nothing may be decided on the contract now, by what really happened and not by what was said; empty: fit.
  std::string unfit(Time at, event::ContractId contract) const {
    const auto& listing = core_.engine().books().at(contract);
    if (listing.trust != market::Trust::valid) return "the book is not believed";
    if (at - kalshi_heard_ > kIndexSilence) return "the index is silent";
    if (at - kraken_heard_ > kBookSilence) return "Kraken is silent";
    if (at - listing.updated > kBookSilence) return "the book is old";
    for (const auto& [stream, health] : health_) {
      if (stream != event::Stream::journal && health != event::Health::healthy) return "a stream is not healthy";
    }
    return {};
  }
  void judge(Time at, const event::Decision& d) {
    ++decisions;
    const std::string why = unfit(at, d.contract);
    constexpr auto kOutside = (1U << static_cast<unsigned>(event::Veto::no_spot)) - 2U;  // books and streams
    const bool vetoed = (d.vetoes & kOutside) != 0;
    if (!vetoed) ++free_decisions;
    if (!why.empty() && vetoed) ++refused_in_trouble;
    EXPECT_TRUE(why.empty() || vetoed) << why << " at " << format_iso(at);
  }
  void happen(event::Payload what) {
    if (const auto* bar = std::get_if<event::CandleClosed>(&what)) {
      if (bar->interval == 1_min) bars[bar->candle.begin] = bar->candle;
      if (bar->candle.begin + bar->interval + 1_min < start_) return loop_.preload(*bar);
    }
    loop_.happen(world_.now(), std::move(what));
  }
  bool down() const { return world_.now() < down_until_; }

  void deliver() {
    if (down()) kalshi_session_.reset(), kraken_session_.reset();
    const Time now = world_.now();
    if (kalshi_session_) {
      for (const auto& frame : kalshi_session_->take_frames()) {
        kalshi_heard_ = now;
        kalshi_.text(kalshi_generation_, frame, now);
      }
    }
    if (kraken_session_) {
      for (const auto& frame : kraken_session_->take_frames()) {
        kraken_heard_ = now;
        kraken_.text(kraken_generation_, frame, now);
      }
    }
  }
  // Kraken's answers come a step after their question.
  void answer_rest() {
    if (!question_) return;
    const out::Get get = *std::exchange(question_, std::nullopt);
    if (down()) return kraken_.rest_failed(get.request, "no network", world_.now());
    kraken_.rest_answer(get.request,
                        venue::virtual_kraken::rest(world_.kraken(), {"GET", get.target, "", {}}, world_.now()).body,
                        world_.now());
  }
  void carry() {
    const Time now = world_.now();
    for (auto& action : kalshi_.take_actions()) {
      if (const auto* c = std::get_if<out::Connect>(&action)) {
        kalshi_generation_ = c->generation;
        if (down()) {
          kalshi_.closed(c->generation, "no network", now);
          continue;
        }
        kalshi_session_ = std::make_unique<vk::KalshiSession>(world_, world_.account());
        kalshi_.opened(c->generation, now);
      } else if (const auto* s = std::get_if<out::Send>(&action)) {
        if (kalshi_session_) kalshi_session_->on_text(s->text);
      } else if (const auto* get = std::get_if<out::Get>(&action)) {
        if (down()) {
          kalshi_.rest_failed(get->request);
          continue;
        }
        const auto answer = api_.handle({"GET", "/trade-api/v2" + get->target, "", {}}, now);
        kalshi_.rest_answer(get->request, answer.status, answer.body, now);
      } else {
        kalshi_session_.reset();
      }
    }
    for (auto& action : kraken_.take_actions()) {
      if (const auto* c = std::get_if<out::Connect>(&action)) {
        kraken_generation_ = c->generation;
        if (down()) {
          kraken_.closed(c->generation, "no network", now);
          continue;
        }
        kraken_session_ = std::make_unique<venue::virtual_kraken::KrakenSession>(
            world_.kraken(), venue::virtual_kraken::Version::v2, now, 1);
        kraken_.opened(c->generation, now);
      } else if (const auto* s = std::get_if<out::Send>(&action)) {
        if (kraken_session_) kraken_session_->on_text(s->text, now);
      } else if (const auto* get = std::get_if<out::Get>(&action)) {
        question_ = *get;
      } else {
        kraken_session_.reset();
      }
    }
    deliver();
  }

  vk::World world_;
  vk::Gate gate_;
  vk::KalshiApi api_;
  venue::kalshi::Feed kalshi_;
  venue::kraken::Feed kraken_;
  Core core_;
  venue::sim::SimExchange exchange_;
  BaselineEdge forecasts_;
  World loop_;
  Time start_;
  std::unique_ptr<vk::KalshiSession> kalshi_session_;
  std::unique_ptr<venue::virtual_kraken::KrakenSession> kraken_session_;
  std::uint64_t kalshi_generation_{0}, kraken_generation_{0};
  std::optional<out::Get> question_;
  std::map<event::Stream, event::Health> health_;
  Time kalshi_heard_{}, kraken_heard_{}, down_until_{};
  bool started_{false};
};

TEST(Cuts, of_a_second_to_two_hours_change_no_bar_and_let_no_decision_stand_on_what_is_stale) {
  Rig cut, whole;
  Rng rng{23};
  const auto cuts = tests::cases(8, 200);
  for (std::int64_t i = 0; i < cuts; ++i) {
    cut.run(Duration{static_cast<std::int64_t>(20 + rng.below(60)) * 1'000'000'000});
    const double seconds = std::exp(rng.uniform(0.0, std::log(7'200.0)));
    const Duration length{static_cast<std::int64_t>(seconds * 1e9)};
    cut.cut(length, rng.chance(0.5));
    cut.run(length);
    if (HasFailure()) return;
  }
  cut.run(5_min);
  while (whole.now() < cut.now()) whole.step();
  ASSERT_EQ(cut.bars.size(), whole.bars.size());
  for (const auto& [begin, bar] : whole.bars) {
    const auto& other = cut.bars.at(begin);
    ASSERT_TRUE(bar.open == other.open && bar.high == other.high && bar.low == other.low && bar.close == other.close &&
                bar.volume == other.volume && bar.trades == other.trades)
        << format_iso(begin);
  }
  std::printf("%lld cuts: %lld decisions, %lld with books and streams well, %lld refused in trouble, %lld orders\n",
              static_cast<long long>(cuts), static_cast<long long>(cut.decisions),
              static_cast<long long>(cut.free_decisions), static_cast<long long>(cut.refused_in_trouble),
              static_cast<long long>(cut.orders));
  EXPECT_GT(cut.free_decisions, 50);
  EXPECT_GT(cut.refused_in_trouble, 0);
  EXPECT_GT(cut.orders, 0);
}

}  // namespace
}  // namespace voltage::app
