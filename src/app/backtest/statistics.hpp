#pragma once
// What a pass earned and how sure that is. One market is one observation: its fills share one outcome.
#include <cstdint>
#include <string>
#include <vector>

#include "app/backtest/record.hpp"

namespace voltage::app::backtest {

struct Statistics {
  std::string fill_model;
  Money cash_start{}, cash_end{};
  Money sum_of_changes{};  // cash_start + this = cash_end, or the books are wrong
  Money fees{};
  Money gross{}, net{};     // over settled markets, fees apart and in
  Money unsettled_flow{};   // cash that went into markets that are not settled: in no statistic
  std::int64_t markets{0};  // seen with a book
  std::int64_t markets_settled{0};
  std::int64_t markets_unsettled{0};
  std::int64_t markets_traded{0};  // settled and traded: the sample
  std::int64_t orders{0}, fills{0}, refused{0};
  std::int64_t maker_fills{0};
  Qty maker_contracts{};
  double maker_markout_1s{}, maker_markout_10s{}, maker_markout_60s{};  // of maker fills alone; NaN: none
  Qty contracts{};                                                      // filled in settled markets
  double net_cents{};                                                   // per contract
  double interval_low{}, interval_high{};  // 90 %, bootstrap over markets, cents per contract
  double smallest_edge{};  // cents per contract that this sample could have shown (5 % one-sided, 80 % power)
  double markout_1s{}, markout_10s{}, markout_60s{};  // cents per contract, mid later against price paid; NaN: none
  Money drawdown_max{};
  Parts parts;  // of `net`: they add up to it exactly
  std::vector<FlowRow> flow;
};

Statistics judge(const Pass& pass, const engine::Engine& engine, const std::string& fill_model);

}  // namespace voltage::app::backtest
