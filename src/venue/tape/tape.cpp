#include "venue/tape/tape.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <simdjson.h>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::venue::tape {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::optional<std::string_view> text(const object& o, std::string_view key) {
  std::string_view v;
  if (o[key].get(v) != simdjson::SUCCESS) return std::nullopt;
  return v;
}

// A price or count that may be absent or null; a present one must be right.
Result<std::optional<Price>> optional_price(const object& o, std::string_view key) {
  element e;
  if (o[key].get(e) != simdjson::SUCCESS || e.is_null()) return std::nullopt;
  std::string_view v;
  const auto price = e.get(v) == simdjson::SUCCESS ? parse_price(v) : std::nullopt;
  if (!price) return fail("field " + std::string{key} + " is no price in dollars");
  return price;
}

// Levels of one side. NO bids become YES asks here, and nowhere else.
Result<std::vector<market::Level>> levels(const object& msg, std::string_view key, bool complement) {
  std::vector<market::Level> out;
  element side;
  if (msg[key].get(side) != simdjson::SUCCESS || side.is_null()) return out;  // absent: an empty side
  array rows;
  if (side.get(rows) != simdjson::SUCCESS) return fail("field " + std::string{key} + " is no list of levels");
  for (const element row : rows) {
    array pair;
    std::string_view p, q;
    const bool shaped = row.get(pair) == simdjson::SUCCESS && pair.size() == 2 &&
                        pair.at(0).get(p) == simdjson::SUCCESS && pair.at(1).get(q) == simdjson::SUCCESS;
    const auto price = shaped ? parse_price(p) : std::nullopt;
    const auto qty = shaped ? parse_qty(q) : std::nullopt;
    if (!price || !qty || qty->centis <= 0)
      return fail("field " + std::string{key} + " has a level that is no [price, size]");
    out.push_back({complement ? price->complement() : *price, *qty});
  }
  return out;
}

Result<Watch> watch(const object& msg) {
  const auto close_text = text(msg, "close_time");
  const auto close = close_text ? parse_iso(*close_text) : std::nullopt;
  if (!close) return fail("field close_time is no time");
  Watch out{*close, std::nullopt};
  element strike;
  if (msg["strike"].get(strike) != simdjson::SUCCESS || strike.is_null()) return out;
  double usd = 0;
  if (strike.get(usd) != simdjson::SUCCESS || !(usd > 0) || usd > 1e9) return fail("field strike is no index value");
  out.strike = market::index_from_usd(usd);
  return out;
}

Result<Snapshot> snapshot(const object& msg) {
  auto bids = levels(msg, "yes_dollars_fp", false);
  if (!bids) return tl::unexpected(bids.error());
  auto asks = levels(msg, "no_dollars_fp", true);
  if (!asks) return tl::unexpected(asks.error());
  return Snapshot{std::move(*bids), std::move(*asks)};
}

Result<Delta> delta(const object& msg) {
  const auto side = text(msg, "side"), price_text = text(msg, "price_dollars"), change_text = text(msg, "delta_fp");
  if (!side || (*side != "yes" && *side != "no")) return fail("field side is neither yes nor no");
  const auto price = price_text ? parse_price(*price_text) : std::nullopt;
  if (!price) return fail("field price_dollars is no price in dollars");
  const auto change = change_text ? parse_qty(*change_text) : std::nullopt;
  if (!change) return fail("field delta_fp is no count");
  if (*side == "yes") return Delta{Side::bid, *price, *change};
  return Delta{Side::ask, price->complement(), *change};
}

Result<Ticker> ticker(const object& msg) {
  Ticker out;
  for (const auto& [key, field] :
       {std::pair{"price_dollars", &Ticker::last}, std::pair{"yes_bid_dollars", &Ticker::bid},
        std::pair{"yes_ask_dollars", &Ticker::ask}}) {
    auto price = optional_price(msg, key);
    if (!price) return tl::unexpected(price.error());
    out.*field = *price;
  }
  return out;
}

Status read_payload(std::string_view kind, const object& msg, Record& record) {
  const auto take = [&](auto parsed) -> Status {
    if (!parsed) return tl::unexpected(parsed.error());
    record.what = std::move(*parsed);
    return {};
  };
  if (kind == "orderbook_delta") return take(delta(msg));
  if (kind == "orderbook_snapshot") return take(snapshot(msg));
  if (kind == "ticker") return take(ticker(msg));
  if (kind == "watch_market") return take(watch(msg));
  if (kind == "ws_connected")
    record.what = Connected{};
  else
    record.what = Other{std::string{kind}};
  return {};
}

}  // namespace

struct TapeReader::Parser {
  simdjson::dom::parser json;
};

TapeReader::TapeReader(io::LineReader lines) : lines_{std::move(lines)}, parser_{std::make_unique<Parser>()} {}
TapeReader::TapeReader(TapeReader&&) noexcept = default;
TapeReader::~TapeReader() = default;

Result<TapeReader> TapeReader::open(const std::string& path) {
  auto lines = io::LineReader::open(path);
  if (!lines) return tl::unexpected(lines.error());
  return TapeReader{std::move(*lines)};
}

Result<std::optional<Record>> TapeReader::next() {
  const auto line = lines_.next();
  if (!line) return tl::unexpected(line.error());
  if (!*line) return std::nullopt;
  const auto broken = [&](const std::string& what) { return fail(place() + ": " + what); };
  element root;
  object o, msg;
  if (parser_->json.parse((*line)->data(), (*line)->size(), true).get(root) != simdjson::SUCCESS ||
      root.get(o) != simdjson::SUCCESS) {
    return broken("not a JSON object");
  }
  const auto kind = text(o, "t"), market = text(o, "market");
  std::int64_t received = 0;
  if (!kind) return broken("field t is missing");
  if (!market) return broken("field market is missing");
  if (o["recv_ns"].get(received) != simdjson::SUCCESS || received <= 0) return broken("field recv_ns is no time");
  if (o["msg"].get(msg) != simdjson::SUCCESS) return broken("field msg is no object");
  Record record{Time{received}, std::string{*market}, std::nullopt, Other{}};
  if (record.received < last_received_) return broken("recv_ns goes back: the recording must be in order of receipt");
  last_received_ = record.received;
  if (const auto ok = read_payload(*kind, msg, record); !ok) return broken(ok.error().message);
  std::int64_t seq = 0;
  const bool has_seq = o["seq"].get(seq) == simdjson::SUCCESS;
  if (const auto ok = follow_sequence(record, has_seq ? std::optional{seq} : std::nullopt); !ok)
    return broken(ok.error().message);
  return record;
}

Status TapeReader::follow_sequence(Record& record, std::optional<std::int64_t> seq) {
  const bool is_snapshot = std::holds_alternative<Snapshot>(record.what);
  const bool is_delta = std::holds_alternative<Delta>(record.what);
  if (std::holds_alternative<Connected>(record.what)) last_seq_.erase(record.market);
  if (!is_snapshot && !is_delta) return {};
  if (!seq) return fail("field seq is missing");
  const auto last = last_seq_.find(record.market);
  if (last == last_seq_.end()) {
    if (is_delta)
      return fail("a change of the book of " + record.market + " before its snapshot: the recording lacks its start");
    last_seq_.emplace(record.market, *seq);
    return {};
  }
  if (*seq != last->second + 1) record.hole = SequenceHole{last->second + 1, *seq};
  last->second = *seq;
  return {};
}

Result<std::vector<std::string>> sessions(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ec;
  if (fs::is_regular_file(path, ec)) return std::vector<std::string>{path};
  if (!fs::is_directory(path, ec))
    return fail(path + ": no such recording: name a file or a folder of .ndjson or .ndjson.gz files");
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator{path, ec}) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".ndjson.gz") || name.ends_with(".ndjson")) files.push_back(entry.path().string());
  }
  if (files.empty()) return fail(path + ": has no .ndjson or .ndjson.gz file");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace voltage::venue::tape
