#include "app/run/core.hpp"

#include "base/bytes.hpp"
#include "event/fields.hpp"

namespace voltage::market {

template <class A>
void fields(A& archive, Is<QuietSpan> auto& m) {
  auto& [from, until] = m;
  archive(from, until);
}

}  // namespace voltage::market
namespace voltage::risk {

constexpr std::size_t enum_count(Rung) {
  return 5;
}
template <class A>
void fields(A& archive, Is<Observation> auto& m) {
  auto& [series, net, markout] = m;
  archive(series, net, markout);
}

template <class A>
void fields(A& archive, Is<Limits> auto& m) {
  auto& [contract, instant, path, span, day, drawdown, order, position, price_min, price_max, rate, delta, vega] = m;
  archive(contract, instant, path, span, day, drawdown, order, position, price_min, price_max, rate, delta, vega);
}

template <class A>
void fields(A& archive, Is<Carried> auto& m) {
  auto& [day, day_start, highest] = m;
  archive(day, day_start, highest);
}

}  // namespace voltage::risk
namespace voltage::engine {

template <class A>
void fields(A& archive, Is<EngineConfig> auto& m) {
  auto& [cash, limits, carried, run_number, needed, book_age, final_seconds, quiet, assumptions, rung, evidence] = m;
  archive(cash, limits, carried, run_number, needed, book_age, final_seconds, quiet, assumptions, rung, evidence);
}

}  // namespace voltage::engine
namespace voltage::strategy {

template <class A>
void fields(A& archive, Is<MakerConfig> auto& m) {
  auto& [on, qty, edge, aversion, adverse, toxic, rest_min, rest_max] = m;
  archive(on, qty, edge, aversion, adverse, toxic, rest_min, rest_max);
}

template <class A>
void fields(A& archive, Is<VolatilityConfig> auto& m) {
  auto& [belief, learn, edge, disagreement, kelly, shrink, flow, maker, levels, forecast_age, price_age, interval] = m;
  archive(belief.mean, belief.sd, learn, edge, disagreement, kelly, shrink, flow, maker, levels, forecast_age,
          price_age, interval);
}

}  // namespace voltage::strategy
namespace voltage::app {
namespace {

// Of the lists above. Raised with each change: an old run is then refused, not run with another configuration.
constexpr std::uint32_t kConfigVersion = 6;

}  // namespace

std::string to_bytes(const CoreConfig& config) {
  std::string out;
  ByteWriter writer{out};
  writer(kConfigVersion, config.engine, config.strategy);
  return out;
}

Result<CoreConfig> core_config(std::string_view bytes) {
  ByteReader reader{bytes};
  std::uint32_t version = 0;
  reader(version);
  if (version != kConfigVersion) {
    return fail("the run's configuration has version " + std::to_string(version) + ", this program reads " +
                std::to_string(kConfigVersion) + "; use the program that made the run");
  }
  CoreConfig config;
  reader(config.engine, config.strategy);
  reader.finish();
  if (!reader.ok()) return fail("the run's configuration: " + reader.wrong());
  return config;
}

}  // namespace voltage::app
