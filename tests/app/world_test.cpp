// What goes on between two things that happen.
#include "app/run/world.hpp"

#include <gtest/gtest.h>

#include "app/run/baseline_edge.hpp"
#include "app/run/core.hpp"

namespace voltage::app {
namespace {

using namespace literals;

// One order that rests until its own end.
class OneResting final : public OrderEdge {
 public:
  explicit OneResting(Time end) : end_{end} {}
  void submit(const event::OrderTerms&, Time) override {}
  void cancel(event::OrderId, Time) override {}
  void amend(const event::AmendTerms&, Time) override {}
  std::optional<Time> next_due() const override { return end_; }
  std::optional<event::Payload> step() override {
    end_.reset();
    return event::TimePassed{};
  }

 private:
  std::optional<Time> end_;
};

// A settlement, or the next recording, comes while an order of the one before still rests.
TEST(World, rests_no_longer_than_until_what_comes_next) {
  const Time start = Time::from_ms(1'778'500'000'000);
  Core core{CoreConfig{}};
  OneResting orders{start + 31_s};
  BaselineEdge forecasts;
  World world{core.engine(), orders, forecasts, {}, 50_ms};
  world.happen(start, event::TimePassed{});
  world.rest(start + 10_s);
  EXPECT_TRUE(orders.next_due());
  world.happen(start + 10_s, event::StreamHealth{event::Stream::spot, event::Health::down, ""});
  world.rest();
  EXPECT_FALSE(orders.next_due()) << "what was under way came to its end";
  world.happen(start + 40_s, event::TimePassed{});
}

}  // namespace
}  // namespace voltage::app
