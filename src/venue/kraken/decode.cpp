#include "venue/kraken/decode.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <zlib.h>

#include "base/decimal.hpp"
#include "venue/schema_watch.hpp"

namespace voltage::venue::kraken {
namespace {

constexpr std::int64_t kE8Max = 100'000'000'000'000'000;  // a billion dollars or coins
std::string kind_of(JsonValue root) {
  if (root.is(JsonType::array)) {
    std::string_view name;  // the last but one
    std::string_view last;
    for (const JsonValue part : root) {
      name = last;
      last = part.is(JsonType::string) ? part.text() : std::string_view{};
    }
    return "v1 " + std::string{name};
  }
  std::string kind = "frame";
  bool answer = false;  // to a command: it has a result too
  for (const JsonValue child : root) {
    if (child.key() == "channel" || child.key() == "method") return std::string{child.text()};
    if (child.key() == "event") return "v1 " + std::string{child.text()};
    if (child.key() == "result" || child.key() == "error") kind = "REST";
    answer = answer || child.key() == "success";
  }
  return answer ? "frame" : kind;
}

// 18 digits hold the nanoseconds of an epoch second but for the last.
constexpr int kSecondDecimals = 8;
constexpr std::int64_t kSecondMax = 4'102'444'800LL * 100'000'000;

}  // namespace

std::string_view v2_symbol(std::string_view symbol) {
  if (symbol == "XBT/USD" || symbol == "XXBTZUSD" || symbol == "XBTUSD") return "BTC/USD";
  if (symbol == "XBT/USDT" || symbol == "XBTUSDT") return "BTC/USDT";
  return symbol;
}

namespace detail {

Row::Row(JsonValue array, std::string_view where, std::size_t size_min, Flaws& flaws) : where_{where}, flaws_{flaws} {
  if (!array.is(JsonType::array)) {
    flaws_.refuse(fmt::format("{} is a {}, not an array", where, name(array.type())));
    return;
  }
  for (const JsonValue value : array) values_.push_back(value);
  if (values_.size() < size_min) {
    flaws_.refuse(fmt::format("{} has {} elements, not {}", where, values_.size(), size_min));
  }
}

void Row::refuse(std::size_t i, std::string_view what, std::string_view why) {
  flaws_.refuse(fmt::format("{}[{}] ({}): {}", where_, i, what, why));
}

Fixed8 Row::fixed8(std::size_t i, std::string_view what) {
  if (i >= values_.size()) return {};
  const JsonValue v = values_[i];
  if (!v.is(JsonType::string) && !v.is(JsonType::number)) {
    refuse(i, what, fmt::format("is a {}, not a number", name(v.type())));
    return {};
  }
  const auto e8 = parse_token(v.text(), 8);
  if (!e8) {
    refuse(i, what, fmt::format("'{}' is no number of at most 8 decimals", v.text().substr(0, 40)));
  } else if (*e8 < 0 || *e8 > kE8Max) {
    refuse(i, what, "is out of range");
  }
  return {e8.value_or(0)};
}

Time Row::seconds(std::size_t i, std::string_view what) {
  if (i >= values_.size()) return {};
  const JsonValue v = values_[i];
  const bool number = v.is(JsonType::string) || v.is(JsonType::number);
  // A double of seconds has about 100 ns of truth: digits beyond the eighth are noise.
  std::string_view text = number ? v.text() : std::string_view{};
  const auto point = text.find('.');
  if (point != std::string_view::npos && text.find_first_of("eE") == std::string_view::npos) {
    text = text.substr(0, point + 1 + kSecondDecimals);
  }
  const auto ticks = parse_token(text, kSecondDecimals);
  if (!ticks || *ticks < 0 || *ticks > kSecondMax) {
    refuse(i, what, "is no time in seconds");
    return {};
  }
  return {*ticks * 10};
}

std::int64_t Row::integer(std::size_t i, std::string_view what, std::int64_t low, std::int64_t high) {
  if (i >= values_.size()) return low;
  const JsonValue v = values_[i];
  const bool number = v.is(JsonType::string) || v.is(JsonType::number);
  const auto n = number ? parse_token(v.text(), 0) : std::nullopt;
  if (!n || *n < low || *n > high) {
    refuse(i, what, "is no whole number in range");
    return low;
  }
  return *n;
}

std::string_view Row::text(std::size_t i, std::string_view what) {
  if (i >= values_.size()) return {};
  if (!values_[i].is(JsonType::string)) {
    refuse(i, what, fmt::format("is a {}, not a string", name(values_[i].type())));
    return {};
  }
  return values_[i].text();
}

void check_candle(const CandleRow& row, Flaws& flaws) {
  const auto refuse = [&](const char* why) { flaws.refuse(fmt::format("candle of {}: {}", row.symbol, why)); };
  if (row.low.e8 <= 0) refuse("low is not positive");
  if (row.high < row.low || row.high < std::max(row.open, row.close)) refuse("high is below another price");
  if (row.low > std::min(row.open, row.close)) refuse("low is above another price");
  if (row.volume.e8 > 0 && row.trades == 0) refuse("volume without a trade");
}

void read_bar(Row& r, std::size_t first, CandleRow& into) {
  into.open = r.fixed8(first, "open");
  into.high = r.fixed8(first + 1, "high");
  into.low = r.fixed8(first + 2, "low");
  into.close = r.fixed8(first + 3, "close");
  into.vwap = r.fixed8(first + 4, "vwap");
  into.volume = r.fixed8(first + 5, "volume");
  into.trades = r.integer(first + 6, "count", 0, 1'000'000'000);
}

Trades read_trades(JsonValue rows, std::string_view where, std::string_view symbol, Flaws& flaws) {
  Trades out;
  if (!rows.is(JsonType::array)) flaws.refuse(fmt::format("{} is a {}, not an array", where, name(rows.type())));
  if (!flaws.error.empty()) return out;
  out.rows.reserve(rows.size());
  for (const JsonValue entry : rows) {
    const std::string place = fmt::format("{}[{}]", where, out.rows.size());
    Row r{entry, place, 5, flaws};
    TradeRow row;
    row.symbol = symbol;
    row.price = r.fixed8(0, "price");
    row.qty = r.fixed8(1, "volume");
    row.at = r.seconds(2, "time");
    const std::string_view side = r.text(3, "side");
    if (flaws.error.empty() && side != "b" && side != "s") flaws.refuse(place + ": a side is neither b nor s");
    row.taker = side == "s" ? Taker::seller : Taker::buyer;
    row.market_order = r.text(4, "type") == "m";
    if (r.size() > 6) row.id = r.integer(6, "trade_id", 0, kE8Max);
    if (flaws.error.empty() && row.price.e8 == 0) flaws.refuse(place + ": a price is zero");
    if (!flaws.error.empty()) break;
    out.rows.push_back(std::move(row));
  }
  return out;
}

namespace {

Message rest_candles(JsonValue rows, std::string_view symbol, Flaws& flaws) {
  Candles out;
  out.snapshot = true;
  out.rows.reserve(rows.size());
  for (const JsonValue entry : rows) {
    Row r{entry, fmt::format("result[{}]", out.rows.size()), 8, flaws};
    CandleRow row;
    row.symbol = symbol;
    row.begin = r.seconds(0, "time");
    read_bar(r, 1, row);
    if (flaws.error.empty()) check_candle(row, flaws);
    if (!flaws.error.empty()) break;
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace

Message rest_result(Fields& fields, Flaws& flaws) {
  if (const auto errors = fields.maybe_child("error", JsonType::array); errors && errors->size() > 0) {
    fields.ignore({"result"});
    std::string all;
    for (const JsonValue e : *errors) all += (all.empty() ? "" : "; ") + std::string{e.text()};
    return Refusal{all};
  }
  const auto result = fields.maybe_child("result", JsonType::object);
  if (!result) return Unknown{"rest"};
  std::optional<JsonValue> rows;
  std::string_view last;
  bool clock = false;
  for (const JsonValue child : *result) {
    if (child.key() == "last") last = child.text();
    if (child.key() == "unixtime") clock = true;
    if (child.key() != "last" && child.is(JsonType::array)) rows = child;
  }
  if (clock) {
    Fields f{*result, "result", flaws};
    f.ignore({"rfc1123"});
    return ServerTime{f.maybe_time_s("unixtime").value_or(Time{})};
  }
  if (!rows) return Unknown{"rest"};
  const std::string_view symbol = v2_symbol(rows->key());
  bool candles = false;
  for (const JsonValue entry : *rows) {
    if (entry.is(JsonType::array)) candles = (*entry.begin()).is(JsonType::number) && entry.size() >= 8;
    break;
  }
  if (candles) return rest_candles(*rows, symbol, flaws);
  Trades out = read_trades(*rows, "result", symbol, flaws);
  const auto cursor = parse_int(last);
  if (!cursor && !last.empty()) flaws.refuse(fmt::format("result.last: '{}' is no cursor", last.substr(0, 40)));
  out.cursor_ns = cursor;
  return out;
}

}  // namespace detail

Result<Frame> Decoder::frame(JsonValue root) {
  ++counts_.frames;
  if (schema_ == nullptr) return read(root);
  schema_->begin(kind_of(root));
  auto frame = read(root);
  // What is none of the kinds that there are has lost the field that tells them apart.
  const auto* unknown = frame ? std::get_if<Unknown>(&frame->message) : nullptr;
  const bool nameless = unknown != nullptr && (unknown->channel.empty() || unknown->channel == "rest");
  schema_->end(!frame     ? frame.error().message
               : nameless ? std::string{"channel, method, event or result is missing"}
                          : std::string{});
  return frame;
}

Result<Frame> Decoder::read(JsonValue root) {
  Flaws flaws;
  flaws.schema = schema_;
  Frame out;
  if (root.is(JsonType::array)) {
    out.api = Api::v1;
    out.message = detail::v1_array(root, flaws);
  } else {
    Fields f{root, "frame", flaws};
    if (f.has("event")) {
      out.api = Api::v1;
      out.message = detail::v1_event(f, flaws, out.request);
    } else if (f.has("channel")) {
      out.api = Api::v2;
      out.message = detail::v2_channel(f, flaws);
    } else if (f.has("method")) {
      out.api = Api::v2;
      out.message = detail::v2_method(f, flaws, out.request);
    } else if (f.has("Error")) {
      out.api = Api::v2;
      out.message = Refusal{std::string{f.text("Error")}};
    } else if (f.has("error") || f.has("result")) {
      out.api = Api::rest;
      out.message = detail::rest_result(f, flaws);
    } else {
      out.api = Api::v2;
      out.message = Unknown{};
    }
  }
  if (std::holds_alternative<Unknown>(out.message)) {
    ++counts_.unknown_channels;
  } else {
    counts_.unknown_fields += flaws.unknown_fields;
  }
  counts_.retyped_fields += flaws.retyped_fields;
  if (!flaws.error.empty()) return fail(flaws.error);
  return out;
}

Result<Frame> Decoder::frame(std::string_view text) {
  const auto root = document_.parse(text);
  if (!root) return fail(root.error().message);
  return frame(*root);
}

std::uint32_t book_checksum(const Book& book, int price_decimals, int qty_decimals) {
  std::string digits;
  const auto append = [&](Fixed8 v, int decimals) {
    std::int64_t scaled = v.e8;
    for (int i = decimals; i < 8; ++i) scaled /= 10;
    if (scaled > 0) digits += std::to_string(scaled);
  };
  for (const auto* side : {&book.asks, &book.bids}) {
    for (std::size_t i = 0; i < side->size() && i < 10; ++i) {
      append((*side)[i].price, price_decimals);
      append((*side)[i].qty, qty_decimals);
    }
  }
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(digits.data()), static_cast<uInt>(digits.size())));
}

}  // namespace voltage::venue::kraken
