#include "event/effect.hpp"

#include <array>

namespace voltage::event {

const char* name(Veto v) {
  static constexpr std::array<const char*, kVetoes> kNames{"halted",
                                                           "book_missing",
                                                           "book_lost",
                                                           "book_crossed",
                                                           "book_one_sided",
                                                           "book_stale",
                                                           "stream_unhealthy",
                                                           "no_spot",
                                                           "no_forecast",
                                                           "forecast_stale",
                                                           "strike_unknown",
                                                           "not_open",
                                                           "final_seconds",
                                                           "market_disagrees",
                                                           "below_edge",
                                                           "size_too_small",
                                                           "order_pending",
                                                           "limit_contract",
                                                           "limit_instant",
                                                           "limit_day",
                                                           "limit_drawdown",
                                                           "limit_rate",
                                                           "cash",
                                                           "exchange_paused",
                                                           "sources_apart",
                                                           "macro_release",
                                                           "outside_training",
                                                           "assumption_open",
                                                           "limit_delta",
                                                           "limit_vega",
                                                           "flow_against",
                                                           "evidence",
                                                           "limit_path"};
  return kNames[static_cast<std::size_t>(v)];
}

const char* name(DriftKind kind) {
  static constexpr std::array<const char*, kDriftKinds> kNames{"calibration", "baseline", "market", "features",
                                                               "regime"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace voltage::event
