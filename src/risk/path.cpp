#include "risk/path.hpp"

#include <utility>
#include <vector>

namespace voltage::risk {

Money path_loss(Time close, Money of_instant, Duration span, const ledger::Ledger& ledger) {
  CHECK(span.ns > 0);
  std::vector<std::pair<Time, Money>> near{{close, max(of_instant, Money{})}};
  for (const Time instant : ledger.instants()) {
    const Duration apart = instant < close ? close - instant : instant - close;
    if (instant != close && apart < span) near.emplace_back(instant, ledger.loss_max(instant));
  }
  Money most;
  for (const auto& [first, ignored] : near) {
    if (first > close) continue;
    Money sum;
    for (const auto& [instant, loss] : near) {
      if (instant >= first && instant - first < span) sum += loss;
    }
    most = max(most, sum);
  }
  return most;
}

Money worst_path(Duration span, const ledger::Ledger& ledger) {
  Money most;
  for (const Time instant : ledger.instants())
    most = max(most, path_loss(instant, ledger.loss_max(instant), span, ledger));
  return most;
}

}  // namespace voltage::risk
