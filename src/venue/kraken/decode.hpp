#pragma once
// Kraken's frames and REST answers, from text: which API it is, is told by the text itself. An unknown
// channel is Unknown; a known field of the wrong type or range is an error that names it. One Decoder for
// each stream.
#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "venue/fields.hpp"
#include "venue/kraken/frame.hpp"

namespace voltage::venue::kraken {

struct Counts {
  std::int64_t frames{0};
  std::int64_t unknown_channels{0};
  std::int64_t unknown_fields{0};
  std::int64_t retyped_fields{0};
};

class Decoder {
 public:
  Result<Frame> frame(std::string_view text);
  Result<Frame> frame(JsonValue root);
  const Counts& counts() const { return counts_; }
  // The schema's watch outlives the decoder.
  void watch(SchemaWatch& schema) { schema_ = &schema; }

 private:
  Result<Frame> read(JsonValue root);

  JsonDocument document_;
  Counts counts_;
  SchemaWatch* schema_{nullptr};
};

// "XBT/USD" and "XXBTZUSD" as v2 spells them; anything else unchanged.
std::string_view v2_symbol(std::string_view symbol);

// The checksum of a book of at least ten levels a side: CRC-32 of the digits of its first ten asks and bids.
std::uint32_t book_checksum(const Book& book, int price_decimals, int qty_decimals);

namespace detail {
// Each decodes one API's frame; `flaws` takes the first error.
Message v1_array(JsonValue root, Flaws& flaws);
Message v1_event(Fields& fields, Flaws& flaws, std::optional<std::int64_t>& request);
Message v2_channel(Fields& fields, Flaws& flaws);
Message v2_method(Fields& fields, Flaws& flaws, std::optional<std::int64_t>& request);
Message rest_result(Fields& fields, Flaws& flaws);

// Position-keyed reading of an array ("candle[2]").
class Row {
 public:
  Row(JsonValue array, std::string_view where, std::size_t size_min, Flaws& flaws);
  Fixed8 fixed8(std::size_t i, std::string_view what);
  Time seconds(std::size_t i, std::string_view what);  // decimal seconds since 1970
  std::int64_t integer(std::size_t i, std::string_view what, std::int64_t low, std::int64_t high);
  std::string_view text(std::size_t i, std::string_view what);
  std::size_t size() const { return values_.size(); }

 private:
  void refuse(std::size_t i, std::string_view what, std::string_view why);
  std::vector<JsonValue> values_;
  std::string where_;
  Flaws& flaws_;
};
// What a bar must satisfy to be one; refuses otherwise.
void check_candle(const CandleRow& row, Flaws& flaws);
// Open, high, low, close, vwap, volume and count from element `first` on: v1 and REST have them in one order.
void read_bar(Row& row, std::size_t first, CandleRow& into);
// Rows of price, volume, time, side, type, misc and, on REST, the id: one form for v1 and REST.
Trades read_trades(JsonValue rows, std::string_view where, std::string_view symbol, Flaws& flaws);
}  // namespace detail

}  // namespace voltage::venue::kraken
