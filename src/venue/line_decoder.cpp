#include "venue/line_decoder.hpp"

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/base64.hpp"
#include "venue/kalshi/rest.hpp"
#include "venue/kalshi/to_json.hpp"
#include "venue/kraken/to_json.hpp"

namespace voltage::venue {
namespace {

constexpr std::int64_t kNsMax = 4'102'444'800'000'000'000;

std::optional<Time> nanoseconds(std::string_view text) {
  const auto ns = parse_int(text);
  if (!ns || *ns < 0 || *ns > kNsMax) return std::nullopt;
  return Time{*ns};
}

std::optional<JsonValue> child(JsonValue object, std::string_view key) {
  if (!object.is(JsonType::object)) return std::nullopt;
  for (const JsonValue value : object) {
    if (value.key() == key) return value;
  }
  return std::nullopt;
}

}  // namespace

// A line without its wrapping.
struct LineDecoder::Unwrapped {
  std::optional<JsonValue> frame;  // absent: the recorder's own note
  std::optional<Time> received;
  std::string note;
};

LineDecoder::LineDecoder(LineFormat format, kalshi::NoPrices no_prices) : format_{format}, kalshi_{no_prices} {}

std::int64_t LineDecoder::unknown_fields() const {
  return kalshi_.counts().unknown_fields + rest_counts_.unknown_fields + kraken_.counts().unknown_fields;
}

std::int64_t LineDecoder::unknown_kinds() const {
  return kalshi_.counts().unknown_types + kraken_.counts().unknown_channels;
}

Result<LineDecoder::Unwrapped> LineDecoder::unwrap(std::string_view line) {
  const auto root = outer_.parse(line);
  if (!root) return fail(root.error().message);
  Unwrapped out;
  out.frame = *root;
  const auto raw = child(*root, "raw");
  const auto encoded = child(*root, "raw_base64");
  const auto note = child(*root, "note");
  const auto received = child(*root, "recv_ts_ns");
  if (!received || !(raw || encoded || note)) return out;
  out.received = nanoseconds(received->text());
  if (!out.received) return fail("recv_ts_ns is no time in nanoseconds");
  if (note && !raw && !encoded) {
    out.note = note->text();
    out.frame.reset();
    return out;
  }
  const JsonValue text = raw ? *raw : *encoded;
  if (!text.is(JsonType::string)) return fail(fmt::format("{} is a {}, not a string", text.key(), name(text.type())));
  const auto bytes = raw ? std::optional{std::string{text.text()}} : io::from_base64(text.text());
  if (!bytes) return fail("raw_base64 is no base64");
  const auto frame = raw_.parse(*bytes);
  if (!frame) return fail(frame.error().message);
  out.frame = *frame;
  return out;
}

void LineDecoder::follow(const std::string& key, std::int64_t seq, bool restarts_at_one, DecodedLine& line) {
  const auto [at, first] = last_seq_.try_emplace(key, seq);
  if (first) return;
  if (seq != at->second + 1 && !(restarts_at_one && seq == 1)) {
    line.holes.push_back(fmt::format("{}: expected {}, got {}", key, at->second + 1, seq));
  }
  at->second = seq;
}

Status LineDecoder::kalshi_line(JsonValue root, io::JsonWriter& out, DecodedLine& line) {
  if (!child(root, "type")) {
    const auto object = kalshi::decode_rest(root, rest_counts_);
    if (!object) return fail(object.error().message);
    kalshi::write(out, *object);
    return {};
  }
  const auto frame = kalshi_.frame(root);
  if (!frame) return fail(frame.error().message);
  if (const auto* ack = std::get_if<kalshi::Subscribed>(&frame->message)) {
    last_seq_.erase(fmt::format("sid {}", ack->sid));
  }
  if (frame->sid && frame->seq) follow(fmt::format("sid {}", *frame->sid), *frame->seq, true, line);
  kalshi::write(out, *frame);
  return {};
}

Status LineDecoder::kraken_line(JsonValue root, io::JsonWriter& out, DecodedLine& line) {
  const auto frame = kraken_.frame(root);
  if (!frame) return fail(frame.error().message);
  if (const auto* trades = std::get_if<kraken::Trades>(&frame->message)) {
    for (const auto& row : trades->rows) {
      if (row.id) follow("trade ids of " + row.symbol, *row.id, false, line);
    }
  }
  kraken::write(out, *frame);
  return {};
}

// A recording keeps the message and its envelope side by side: t, recv_ns, seq, conn, market, msg.
Status LineDecoder::tape_line(JsonValue root, io::JsonWriter& out, DecodedLine& line) {
  Flaws flaws;
  Fields f{root, "record", flaws};
  f.ignore({"exch_ts"});
  const std::string kind{f.text("t")};
  const std::string market{f.text_or("market")};
  const std::string connection{f.text_or("conn")};
  const auto seq = f.maybe_integer("seq", 0, 1'000'000'000'000'000'000);
  const auto received = child(root, "recv_ns");
  f.ignore({"recv_ns", "msg"});
  const auto at = received ? nanoseconds(received->text()) : std::nullopt;
  if (!at) f.refuse("recv_ns", "is missing or no time in nanoseconds");
  const auto msg = child(root, "msg");
  if (!msg || !msg->is(JsonType::object)) f.refuse("msg", "is missing or no object");
  if (!flaws.error.empty()) return fail(flaws.error);
  out.string("received", format_iso(*at));
  const std::string key = fmt::format("{} of {}", market, connection);
  if (kind == "ws_connected") last_seq_.erase(key);
  if (kind == "watch_market" || kind == "ws_connected" || kind == "market_rotated") {
    out.string("kind", kind).string("market", market);
    return {};
  }
  if (kind == "ws_subscribed") {
    const auto frame = kalshi_.frame(*msg);
    if (!frame) return fail("msg: " + frame.error().message);
    kalshi::write(out, *frame);
    return {};
  }
  const auto message = kalshi_.message(kind, *msg);
  if (!message) return fail(message.error().message);
  if (seq) follow(key, *seq, false, line);
  kalshi::write(out, *message);
  if (seq) out.integer("seq", *seq);
  return {};
}

DecodedLine LineDecoder::decode(std::string_view line, std::int64_t number) {
  DecodedLine out;
  io::JsonWriter writer;
  writer.begin_object().integer("line", number);
  const auto unwrapped = unwrap(line);
  Status status;
  if (!unwrapped) {
    status = fail(unwrapped.error().message);
  } else {
    if (unwrapped->received) writer.string("received", format_iso(*unwrapped->received));
    if (!unwrapped->frame) {
      last_seq_.clear();
      writer.string("kind", "recorder").string("note", unwrapped->note);
    } else if (format_ == LineFormat::kalshi) {
      status = kalshi_line(*unwrapped->frame, writer, out);
    } else if (format_ == LineFormat::kraken) {
      status = kraken_line(*unwrapped->frame, writer, out);
    } else {
      status = tape_line(*unwrapped->frame, writer, out);
    }
  }
  if (!status) {
    out.error = true;
    writer = {};
    writer.begin_object().string("kind", "error").integer("line", number).string("error", status.error().message);
  }
  out.json = writer.end_object().take();
  return out;
}

}  // namespace voltage::venue
