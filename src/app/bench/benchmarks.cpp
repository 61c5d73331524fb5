#include "app/bench/benchmark.hpp"

namespace voltage::app::bench {

const std::vector<Benchmark>& benchmarks() {
  static const std::vector<Benchmark> all{
      {"decode_kalshi", "a book change of Kalshi, from its text", decode_kalshi, ""},
      {"decode_kraken", "a trade of Kraken, from its text", decode_kraken, ""},
      {"book_apply", "one change of one level", book_apply, ""},
      {"book_snapshot", "a whole book of 40 levels", book_snapshot, ""},
      {"core_event", "an event of a simulated hour to its effects", core_event, ""},
      {"core_decision", "an event after which a contract was priced and decided", core_decision, ""},
      {"core_order", "an event that led to an order, to the order", core_order, ""},
      {"quotes", "the equal-work tape through the full core", quotes, "--tape"},
      {"ladder", "the law of one settlement and 200 strikes from it", ladder, ""},
      {"sizing", "12 mispriced contracts of one instant sized as one bet", sizing, ""},
      {"features", "one more minute and its row of features", features, ""},
      {"all_features", "the features of 2,320,207 minutes from their bars, on two threads", all_features, ""},
      {"patchtst", "a window of 60 bars through a network of the default shape", patchtst, ""},
      {"surface", "the law of the return at every horizon, by all members", surface, "--model"},
      {"answers", "a live forecast: 15 horizons of 20 moves, by all members", answers, "--model"},
      {"codec", "an event to bytes", codec, ""},
      {"journal_append", "an event handed to the journal", journal_append, ""},
      {"journal_order", "an order on the disk, synced, before it leaves", journal_order, ""},
  };
  return all;
}

Figures Samples::figures() {
  Figures f{"ns", static_cast<std::int64_t>(ns_.size()), batch_, 0, 0, 0, 0, 0, {}};
  if (ns_.empty()) return f;
  double sum = 0;
  for (const double v : ns_) sum += v;
  std::sort(ns_.begin(), ns_.end());
  const auto at = [&](double q) {
    return ns_[std::min(ns_.size() - 1, static_cast<std::size_t>(q * static_cast<double>(ns_.size())))];
  };
  f.p50 = at(0.5);
  f.p99 = at(0.99);
  f.p999 = at(0.999);
  f.max = ns_.back();
  f.per_second = static_cast<double>(ns_.size()) / (sum * 1e-9);
  return f;
}

}  // namespace voltage::app::bench
