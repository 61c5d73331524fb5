// The settlement index and its running averages.
#include "venue/kalshi/decode_context.hpp"

namespace voltage::venue::kalshi {

namespace {

constexpr std::int64_t kIndexMaxE8 = 100'000'000'000'000'000;  // a billion dollars

std::optional<IndexAverage> average(Fields& f, std::string_view key, Context& c) {
  const auto child = f.maybe_child(key, JsonType::object);
  if (!child) return std::nullopt;
  Fields a{*child, key, c.flaws};
  return IndexAverage{{a.fixed("value", 8, 0, kIndexMaxE8, Form::string)},
                      a.integer("window_size", 0, 1'000),
                      a.time_ms("window_start_ts_ms"),
                      a.time_ms("window_end_ts_exclusive")};
}

}  // namespace

Message index_tick(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  IndexTick out;
  out.index_id = f.text("index_id");
  const auto received = f.maybe_time_ms("received_at");
  out.last_60s = average(f, "avg_60s_data", c);
  out.settlement_minute = average(f, "last_60s_windowed_average_15min", c);
  if (f.has("value_usd")) {  // the 5 Hz form
    out.value.e8 = f.fixed("value_usd", 8, 0, kIndexMaxE8, Form::string);
    out.value_time = f.maybe_time_ms("source_ts_ms").value_or(received.value_or(Time{}));
    f.ignore({"data"});
    return out;
  }
  const std::string_view data = f.text("data");
  if (!c.flaws.error.empty()) return out;
  const auto inner = c.inner.parse(data);
  if (!inner) {
    f.refuse("data", inner.error().message);
    return out;
  }
  Fields d{*inner, "msg.data", c.flaws};
  d.ignore({"type", "id"});
  out.value.e8 = d.fixed("value", 8, 0, kIndexMaxE8, Form::string);
  out.value_time = d.has("time") ? d.time_ms("time") : received.value_or(Time{});
  return out;
}

Message index_list(JsonValue msg, Context& c) {
  Fields f{msg, "msg", c.flaws};
  return IndexList{strings(f.child("index_ids", JsonType::array), "msg.index_ids", c.flaws)};
}

}  // namespace voltage::venue::kalshi
