// Decoders and books.
#include <array>
#include <vector>

#include <fmt/format.h>

#include "app/bench/benchmark.hpp"
#include "base/rng.hpp"
#include "market/book.hpp"
#include "venue/kalshi/decode.hpp"
#include "venue/kraken/decode.hpp"

namespace voltage::app::bench {
namespace {

constexpr std::size_t kTexts = 1024;  // different ones, so that the branch predictor learns no single frame

template <class Decoder>
Result<Figures> decode(Decoder decoder, const std::vector<std::string>& texts, bool quick) {
  const std::size_t n = quick ? 20'000 : 200'000;
  for (const auto& text : texts) {
    if (const auto frame = decoder.frame(text); !frame)
      return fail("its own frame is refused: " + frame.error().message);
  }
  Samples samples{n};
  for (std::size_t i = 0; i < n; ++i) samples.time([&] { keep(decoder.frame(texts[i % kTexts]).has_value()); });
  return samples.figures();
}

}  // namespace

Result<Figures> decode_kalshi(const Input& input) {
  Rng rng{1};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kTexts; ++i) {
    texts.push_back(fmt::format(
        R"({{"type":"orderbook_delta","sid":2,"seq":{},"msg":{{"market_ticker":"KXBTC15M-26NOV221545-45","market_id":"m","price_dollars":"0.{:02}00","delta_fp":"{}{}.00","side":"{}","ts_ms":{}}}}})",
        i + 1, 1 + rng.below(98), rng.chance(0.5) ? "-" : "", 1 + rng.below(5000), rng.chance(0.5) ? "yes" : "no",
        1'795'362'300'000 + static_cast<std::int64_t>(i)));
  }
  return decode(venue::kalshi::Decoder{venue::kalshi::NoPrices::no_axis}, texts, input.quick);
}

Result<Figures> decode_kraken(const Input& input) {
  Rng rng{1};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kTexts; ++i) {
    texts.push_back(fmt::format(
        R"({{"channel":"trade","type":"update","data":[{{"symbol":"BTC/USD","side":"{}","price":{}.{},"qty":0.{:08},"ord_type":"limit","trade_id":{},"timestamp":"2026-11-22T15:45:{:02}.{:06}Z"}}]}})",
        rng.chance(0.5) ? "buy" : "sell", 60'000 + rng.below(40'000), rng.below(10), 1 + rng.below(99'999'999),
        100'000'000 + i, i % 60, rng.below(1'000'000)));
  }
  return decode(venue::kraken::Decoder{}, texts, input.quick);
}

Result<Figures> book_apply(const Input& input) {
  struct Change {
    Side side;
    Price price;
    Qty change;
  };
  Rng rng{1};
  std::vector<Change> changes;
  // In pairs: what is added is taken away, so that every change is possible however often the list is run.
  for (std::size_t i = 0; i < 2048; ++i) {
    const Side side = rng.chance(0.5) ? Side::bid : Side::ask;
    const auto ticks = 1 + static_cast<std::int32_t>(rng.below(30));
    const Price price{side == Side::bid ? 100 * ticks : 10'000 - 100 * ticks};
    const Qty qty{100 * (1 + static_cast<std::int64_t>(rng.below(500)))};
    changes.push_back({side, price, qty});
    changes.push_back({side, price, -qty});
  }
  market::Book book;
  std::size_t next = 0;
  bool sane = true;
  const std::size_t n = input.quick ? 2'000 : 20'000;
  Samples samples{n, 64};
  for (std::size_t i = 0; i < n; ++i) {
    samples.time([&] {
      const Change& c = changes[next];
      next = next + 1 == changes.size() ? 0 : next + 1;
      sane = book.apply(c.side, c.price, c.change) && sane;
    });
  }
  keep(book.best(Side::bid));
  if (!sane) return fail("a change was refused");
  return samples.figures();
}

Result<Figures> book_snapshot(const Input& input) {
  std::vector<market::Level> bids, asks;
  for (std::int32_t i = 1; i <= 20; ++i) {
    bids.push_back({Price{100 * i}, Qty{100}});
    asks.push_back({Price{10'000 - 100 * i}, Qty{100}});
  }
  market::Book book;
  bool sane = true;
  const std::size_t n = input.quick ? 2'000 : 20'000;
  Samples samples{n};
  for (std::size_t i = 0; i < n; ++i) samples.time([&] { sane = book.load(bids, asks) && sane; });
  if (!sane) return fail("a snapshot was refused");
  return samples.figures();
}

}  // namespace voltage::app::bench
