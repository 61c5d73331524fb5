#include "strategy/maker.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace voltage::strategy {
namespace {

constexpr Duration kLater{10'000'000'000};
constexpr Duration kToxicFor{60'000'000'000};
constexpr double kWeight = 1.0 / 20;
constexpr std::size_t kLast = 5;
constexpr double kMuchMore = 2;

std::optional<MakerQuote> quote(Side side, const MakerView& v, const market::TickGrid& ticks,
                                const market::FeeTerms& fees, const MakerConfig& config) {
  const bool bid = side == Side::bid;
  // Withdrawn where the flow comes against it.
  if ((bid ? -v.flow : v.flow) > config.toxic_flow) return std::nullopt;
  const double filled = std::clamp(bid ? v.p - v.adverse : v.p + v.adverse, 0.001, 0.999);
  const double worth = indifference(filled, v.wealth, v.held, config.aversion);
  const Price touch = bid ? v.bid.price : v.ask.price, other = bid ? v.ask.price : v.bid.price;
  const double fee = ledger::fee_per_contract(fees, touch.dollars(), ledger::Liquidity::maker);
  const double limit = bid ? worth - fee - config.edge_min : worth + fee + config.edge_min;
  const auto dearest = bid ? ticks.floor(Price{static_cast<std::int32_t>(std::floor(limit * Price::kOne))})
                           : ticks.ceil(Price{static_cast<std::int32_t>(std::ceil(limit * Price::kOne))});
  if (!dearest) return std::nullopt;
  // One tick inside the touch is enough to be first.
  const auto inside = bid ? ticks.ceil(Price{touch.pips + 1}) : ticks.floor(Price{touch.pips - 1});
  const auto apart = bid ? ticks.floor(Price{other.pips - 1}) : ticks.ceil(Price{other.pips + 1});
  if (!inside || !apart) return std::nullopt;
  const Price price = bid ? std::min({*dearest, *inside, *apart}) : std::max({*dearest, *inside, *apart});
  if (bid ? price < touch : price > touch) return std::nullopt;
  const double edge = bid ? worth - price.dollars() - fee : price.dollars() - worth - fee;
  return MakerQuote{side, price, bid ? filled : 1 - filled, edge};
}

}  // namespace

double indifference(double p, double wealth, double held, double aversion) {
  const double if_yes = wealth + held * (1 - p), if_no = wealth - held * p;
  if (!(if_yes > 0) || !(if_no > 0)) return p;
  const double yes = p * std::pow(if_yes, -aversion), no = (1 - p) * std::pow(if_no, -aversion);
  return yes / (yes + no);
}

void FillMarkouts::on_fill(Time now, const event::FillSeen& fill) {
  if (!fill.maker || fill.order.v == 0) return;  // a person's own says nothing of our quotes
  waiting_.push_back({now + kLater, fill.contract, static_cast<double>(sign(fill.side)), fill.price.dollars()});
}

void FillMarkouts::pass_time(Time now, const market::Books& books) {
  std::erase_if(waiting_, [&](const Waiting& w) {
    if (w.due > now) return false;
    const auto& listing = books.at(w.contract);
    const auto mid = listing.trust == market::Trust::valid ? listing.book.mid() : std::nullopt;
    if (!mid) return true;
    const double against = w.side * (w.price - *mid);
    const double expected = adverse_;
    adverse_ = std::max(0.0, adverse_ + kWeight * (against - adverse_));
    last_.push_back(against);
    if (last_.size() > kLast) last_.pop_front();
    const double mean = std::accumulate(last_.begin(), last_.end(), 0.0) / static_cast<double>(last_.size());
    if (last_.size() == kLast && mean > kMuchMore * std::max(expected, 0.005)) {
      toxic_until_ = now + kToxicFor;
      last_.clear();
    }
    return true;
  });
}

std::optional<MakerQuote> best_quote(const MakerView& view, const market::TickGrid& ticks, const market::FeeTerms& fees,
                                     const MakerConfig& config) {
  const auto bid = quote(Side::bid, view, ticks, fees, config), ask = quote(Side::ask, view, ticks, fees, config);
  if (!bid || !ask) return bid ? bid : ask;
  return bid->edge >= ask->edge ? bid : ask;
}

}  // namespace voltage::strategy
