// The formats that a venue publishes against what we read: documents made of exactly what is known, then one field
// after the other taken away or changed.
#include "venue/kalshi/published.hpp"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "venue/kalshi/rest_shape.hpp"

namespace voltage::venue::kalshi {
namespace {

using Json = nlohmann::ordered_json;

Json type_of(JsonType t) {
  switch (t) {
    case JsonType::number:
      return {{"type", "integer"}};
    case JsonType::boolean:
      return {{"type", "boolean"}};
    case JsonType::array:
      return {{"type", "array"}, {"items", {{"type", "string"}}}};
    default:
      return {{"type", "string"}};
  }
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return static_cast<char>(c | 0x20); });
  return out;
}

// `harm` may drop a field (give null) or change its schema.
using Harm = std::function<Json(const RestField&)>;

std::string openapi(const Harm& harm = [](const RestField& f) { return type_of(f.type); }) {
  Json doc{{"openapi", "3.0.0"}, {"paths", Json::object()}, {"components", {{"schemas", Json::object()}}}};
  for (const auto& f : rest_fields()) {
    const std::string path = std::string{f.path} + (f.tail == nullptr ? "" : std::string{"{id}"} + f.tail);
    const std::string name = lower(f.method) + path;
    std::string schema = name;
    for (char& c : schema) {
      if (c == '/' || c == '{' || c == '}') c = '_';
    }
    Json& answer = doc["paths"][path][lower(f.method)]["responses"]["200"]["content"]["application/json"]["schema"];
    answer["$ref"] = "#/components/schemas/" + schema;
    Json* object = &doc["components"]["schemas"][schema]["properties"];
    if (f.inside != nullptr) {
      Json& list = (*object)[f.inside];
      list["type"] = "array";
      object = &list["items"]["properties"];
    }
    if (const Json of = harm(f); !of.is_null()) (*object)[f.field] = of;
  }
  return doc.dump();
}

std::string asyncapi(const std::function<Json(const StreamField&)>& harm) {
  Json doc{{"asyncapi", "3.0.0"}, {"components", {{"schemas", Json::object()}}}};
  for (const auto& f : stream_fields()) {
    Json& payload = doc["components"]["schemas"][std::string{f.message} + "Payload"]["properties"];
    payload["type"] = {{"type", "string"}, {"const", f.message}};
    if (const Json of = harm(f); !of.is_null()) payload["msg"]["properties"][f.field] = of;
    payload["msg"]["type"] = "object";
  }
  return doc.dump();
}

bool names(const Result<std::vector<std::string>>& changes, const std::string& field) {
  return changes && std::any_of(changes->begin(), changes->end(),
                                [&](const std::string& line) { return line.find(field) != std::string::npos; });
}

TEST(Published, what_is_as_known_is_no_change) {
  const auto calls = rest_changes(openapi());
  ASSERT_TRUE(calls) << calls.error().message;
  EXPECT_EQ(*calls, std::vector<std::string>{});
  const auto stream = stream_changes(asyncapi([](const StreamField& f) { return type_of(f.type); }));
  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_EQ(*stream, std::vector<std::string>{});
}

TEST(Published, each_field_of_each_call_that_goes_or_changes_its_type_is_named) {
  int cases = 0;
  for (const auto& harmed : rest_fields()) {
    const auto same = [&](const RestField& f) {
      return f.method == harmed.method && f.path == harmed.path && f.tail == harmed.tail &&
             std::string_view{f.field} == harmed.field;
    };
    const auto gone = rest_changes(openapi([&](const RestField& f) { return same(f) ? Json{} : type_of(f.type); }));
    EXPECT_TRUE(names(gone, std::string{harmed.field} + " is gone")) << harmed.path << " " << harmed.field;
    const auto other =
        rest_changes(openapi([&](const RestField& f) { return same(f) ? Json{{"type", "object"}} : type_of(f.type); }));
    EXPECT_TRUE(names(other, std::string{harmed.field} + " is object")) << harmed.path << " " << harmed.field;
    ++cases;
  }
  EXPECT_GT(cases, 30);
}

TEST(Published, each_field_of_each_stream_message_that_goes_or_changes_its_type_is_named) {
  for (const auto& harmed : stream_fields()) {
    const auto same = [&](const StreamField& f) {
      return std::string_view{f.message} == harmed.message && std::string_view{f.field} == harmed.field;
    };
    const auto gone =
        stream_changes(asyncapi([&](const StreamField& f) { return same(f) ? Json{} : type_of(f.type); }));
    EXPECT_TRUE(names(gone, std::string{harmed.field} + " is gone")) << harmed.message << " " << harmed.field;
    const auto other = stream_changes(
        asyncapi([&](const StreamField& f) { return same(f) ? Json{{"type", "object"}} : type_of(f.type); }));
    EXPECT_TRUE(names(other, std::string{harmed.field} + " is object")) << harmed.message << " " << harmed.field;
  }
}

TEST(Published, a_call_that_goes_is_named_and_what_is_no_document_is_an_error) {
  auto doc = Json::parse(openapi());
  doc["paths"].erase("/portfolio/fills");
  EXPECT_TRUE(names(rest_changes(doc.dump()), "GET /portfolio/fills: is gone"));
  EXPECT_FALSE(rest_changes("<html>not found</html>"));
  EXPECT_FALSE(rest_changes("openapi: [1, 2"));
  EXPECT_FALSE(stream_changes(openapi()));
  const auto circle =
      stream_changes(R"({"asyncapi":"3","components":{"schemas":{"a":{"$ref":"#/components/schemas/a"}}}})");
  EXPECT_TRUE(names(circle, "is gone"));
}

TEST(Published, nothing_is_compared_where_the_venue_publishes_nothing) {
  Endpoints e;
  EXPECT_EQ(published_at(e), "https://docs.kalshi.com");
  e.kalshi_rest = "http://127.0.0.1:8080/trade-api/v2";
  EXPECT_EQ(published_at(e), "");
  e.kalshi_specs = "http://127.0.0.1:9";
  EXPECT_EQ(published_at(e), "http://127.0.0.1:9");
  EXPECT_FALSE(published_changes(e)) << "nobody is there";
  e.kalshi_specs = "none";
  EXPECT_EQ(published_at(e), "");
}

}  // namespace
}  // namespace voltage::venue::kalshi
