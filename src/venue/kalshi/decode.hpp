#pragma once
// Kalshi's WebSocket frames and REST market objects, from text. Decoding is the only place where a NO
// price becomes a YES price. An unknown message type is Unknown; an unknown field or enum value is
// counted; a known field of the wrong type or range is an error that names it. Not thread-safe: one
// Decoder for each stream.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "venue/fields.hpp"
#include "venue/kalshi/frame.hpp"

namespace voltage::venue::kalshi {

// In which currency of thought the NO side of the book comes: the subscription's use_yes_price.
enum class NoPrices : std::uint8_t { no_axis, yes_axis };

struct Counts {
  SchemaWatch* schema{nullptr};  // told of every field that a decoder looks for; may be none
  std::int64_t frames{0};
  std::int64_t unknown_types{0};
  std::int64_t unknown_fields{0};
  std::int64_t retyped_fields{0};
  std::int64_t unknown_values{0};
  std::int64_t bare_snapshots{0};  // with neither side's key
  std::int64_t snapshots{0};
};

class Decoder {
 public:
  explicit Decoder(NoPrices no_prices) : no_prices_{no_prices} {}

  Result<Frame> frame(std::string_view text);
  // The frame that is already parsed (a recording wraps it in a line of its own).
  Result<Frame> frame(JsonValue root);
  // The `msg` object alone, as recordings keep it.
  Result<Message> message(std::string_view type, JsonValue msg);

  const Counts& counts() const { return counts_; }
  // The schema's watch outlives the decoder.
  void watch(SchemaWatch& schema) { counts_.schema = &schema; }

 private:
  Result<Frame> read(JsonValue root);

  JsonDocument document_;
  JsonDocument inner_;  // JSON inside a string (the index feed)
  NoPrices no_prices_;
  Counts counts_;
};

// A NO bid at q is a YES ask at 1 − q.
market::Level yes_ask_of_no_bid(market::Level no_bid, NoPrices no_prices);

// --- Pieces that REST shares ---------------------------------------------------------------------------
// Our own orders, fills and positions: the stream and REST name a few fields differently. A fee, a shard or a
// cost that is not said stays unsaid.
enum class Wire : std::uint8_t { stream, rest };
Order read_order(Fields& fields, Wire wire);
Fill read_fill(Fields& fields, Wire wire);
Position read_position(Fields& fields);
std::optional<std::int64_t> shard_of(Fields& fields);

Side side_of_order(Fields& fields);  // book_side, else outcome_side; neither is an error
MarketResult market_result(std::string_view text, Flaws& flaws);
std::optional<market::StrikeType> strike_type(std::string_view text, Flaws& flaws);
std::optional<market::TickGrid> tick_grid(Fields& fields, std::string_view key);
std::optional<market::IndexValue> strike_value(Fields& fields, std::string_view key);
OrderState order_state(std::string_view text, Flaws& flaws);
std::vector<std::string> strings(JsonValue array, std::string_view key, Flaws& flaws);
// Pairs of ["price","count"], each size positive.
std::vector<market::Level> levels(JsonValue array, std::string_view key, Flaws& flaws);

}  // namespace voltage::venue::kalshi
