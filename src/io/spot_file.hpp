#pragma once
// Recorded spot trades: CSV `recv_ns,exch_ns,price,trade_id`, plain or gzip, in order of receipt.
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/types.hpp"

namespace voltage::io {

struct SpotTick {
  Time received{};
  Time exchange{};
  double price{};  // USD
};

Result<std::vector<SpotTick>> read_spot_file(const std::string& path);

}  // namespace voltage::io
