#include "venue/kalshi/published.hpp"

#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "venue/assumptions.hpp"
#include "venue/kalshi/rest_shape.hpp"
#include "venue/net/client.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr Duration kTimeout{15'000'000'000};
constexpr int kDeep = 20;  // references that lead in a circle

// A published document. Nodes are shared and never written: a look for what is not there gives an undefined one.
class Document {
 public:
  static Result<Document> read(const std::string& text, const char* kind) {
    try {
      Document out{YAML::Load(text)};
      if (out.root_.IsMap() && out.root_[kind]) return out;
      return fail(fmt::format("is no {} document", kind));
    } catch (const YAML::Exception& e) {
      return fail(fmt::format("can't be read: {}", e.what()));
    }
  }
  const YAML::Node& root() const { return root_; }

  // Itself, or what its $ref leads to.
  YAML::Node resolved(YAML::Node node) const {
    for (int i = 0; i < kDeep && node && node.IsMap() && node["$ref"]; ++i) {
      const auto path = node["$ref"].as<std::string>();
      YAML::Node to{root_};
      for (std::size_t at = path.find('/'); at != std::string::npos;) {
        const auto end = path.find('/', at + 1);
        const YAML::Node next = child(to, path.substr(at + 1, end - at - 1));
        to.reset(next);
        at = end;
      }
      node.reset(to);
    }
    return node;
  }
  // A property of an object's schema, also where the object is put together of several.
  YAML::Node property(const YAML::Node& of, const std::string& name, int deep = 0) const {
    const YAML::Node schema = resolved(of);
    if (!schema || !schema.IsMap() || deep == kDeep) return YAML::Node{YAML::NodeType::Undefined};
    if (const YAML::Node own = child(child(schema, "properties"), name)) return resolved(own);
    for (const char* parts : {"allOf", "oneOf", "anyOf"}) {
      for (const auto& part : child(schema, parts)) {
        if (const YAML::Node found = property(part, name, deep + 1)) return found;
      }
    }
    return YAML::Node{YAML::NodeType::Undefined};
  }
  static YAML::Node child(const YAML::Node& of, const std::string& name) {
    return of && of.IsMap() ? of[name] : YAML::Node{YAML::NodeType::Undefined};
  }

 private:
  explicit Document(YAML::Node root) : root_{std::move(root)} {}
  YAML::Node root_;
};

bool fits(std::string_view published, JsonType ours) {
  switch (ours) {
    case JsonType::string:
      return published == "string";
    case JsonType::number:
      return published == "integer" || published == "number";
    case JsonType::boolean:
      return published == "boolean";
    case JsonType::array:
      return published == "array";
    case JsonType::object:
      return published == "object";
    default:
      return false;
  }
}

// What is wrong with this field of the object; empty: nothing.
std::string wrong(const Document& d, const YAML::Node& object, const char* field, const char* or_field, JsonType type) {
  YAML::Node found = d.property(object, field);
  if (!found && or_field != nullptr) found.reset(d.property(object, or_field));
  if (!found) return fmt::format("{} is gone", field);
  const YAML::Node named = Document::child(found, "type");
  if (!named || !named.IsScalar() || fits(named.Scalar(), type)) return {};
  return fmt::format("{} is {} and was {}", field, named.Scalar(), name(type));
}

// Whether the document's path, which says "/portfolio/orders/{order_id}", is the field's "/portfolio/orders/" with one
// segment more and its tail.
bool at(const RestField& f, const std::string& path) {
  if (f.tail == nullptr) return path == f.path;
  if (!path.starts_with(f.path) || path.size() == f.path.size() || path[f.path.size()] != '{') return false;
  const auto end = path.find('/', f.path.size());
  return (end == std::string::npos ? "" : path.substr(end)) == f.tail;
}

std::optional<YAML::Node> operation_of(const Document& d, const RestField& f) {
  std::string method{f.method};
  for (char& c : method) c = static_cast<char>(c | 0x20);
  for (const auto& entry : d.root()["paths"]) {
    const auto path = entry.first.as<std::string>();
    if (!at(f, path)) continue;
    if (const YAML::Node operation = Document::child(entry.second, method)) return operation;
  }
  return std::nullopt;
}

YAML::Node answer_of(const Document& d, const YAML::Node& operation) {
  for (const char* status : {"200", "201"}) {
    const YAML::Node answer = d.resolved(Document::child(Document::child(operation, "responses"), status));
    const YAML::Node json = Document::child(Document::child(answer, "content"), "application/json");
    if (const YAML::Node schema = Document::child(json, "schema")) return d.resolved(schema);
  }
  return YAML::Node{YAML::NodeType::Undefined};
}

std::string rest_change(const Document& d, const RestField& f) {
  const auto operation = operation_of(d, f);
  if (!operation) return "is gone";
  const YAML::Node body = answer_of(d, *operation);
  if (!body) return "has no answer any more";
  if (f.inside == nullptr) return wrong(d, body, f.field, f.or_field, f.type);
  const YAML::Node inside = d.property(body, f.inside);
  if (!inside) return fmt::format("{} is gone", f.inside);
  const YAML::Node items = Document::child(inside, "items");
  const std::string what = wrong(d, items ? d.resolved(items) : inside, f.field, f.or_field, f.type);
  return what.empty() ? what : fmt::format("{}.{}", f.inside, what);
}

// The payload whose `type` can be nothing but this.
YAML::Node message_of(const Document& d, const std::string& type) {
  for (const auto& entry : Document::child(d.root()["components"], "schemas")) {
    const YAML::Node named = d.property(entry.second, "type");
    const YAML::Node only = Document::child(named, "const");
    if (only && only.IsScalar() && only.Scalar() == type) return d.resolved(entry.second);
  }
  return YAML::Node{YAML::NodeType::Undefined};
}

std::string stream_change(const Document& d, const StreamField& f) {
  const YAML::Node message = message_of(d, f.message);
  if (!message) return "is gone";
  return wrong(d, d.property(message, "msg"), f.field, f.or_field, f.type);
}

// A call or message that is gone whole is told once, not for each of its fields.
void tell(std::vector<std::string>& out, const std::string& of, const std::string& what) {
  const std::string line = fmt::format("{}: {}", of, what);
  if (!what.empty() && (out.empty() || out.back() != line)) out.push_back(line);
}

Result<std::string> fetch(const std::string& base, const char* file, const std::string& ca_file) {
  const auto url = net::Url::parse(base);
  if (!url) return fail(base + ": " + url.error().message);
  net::Loop loop;
  net::HttpClient client{loop, *url, ca_file};
  net::Outcome outcome;
  client.send({"GET", file, "", {}}, kTimeout, [&](net::Outcome o) {
    outcome = std::move(o);
    loop.stop();
  });
  loop.run();
  if (outcome.delivery != net::Delivery::answered) return fail(fmt::format("{}{}: {}", base, file, outcome.why));
  if (outcome.response.status != 200) return fail(fmt::format("{}{}: status {}", base, file, outcome.response.status));
  return std::move(outcome.response.body);
}

}  // namespace

const std::vector<StreamField>& stream_fields() {
  using enum JsonType;
  static const std::vector<StreamField> all{
      {"orderbook_snapshot", "market_ticker", string},
      {"orderbook_snapshot", "yes_dollars_fp", array},
      {"orderbook_snapshot", "no_dollars_fp", array},
      {"orderbook_delta", "market_ticker", string},
      {"orderbook_delta", "price_dollars", string},
      {"orderbook_delta", "delta_fp", string},
      {"orderbook_delta", "side", string},
      {"ticker", "market_ticker", string},
      {"ticker", "yes_bid_dollars", string},
      {"ticker", "yes_ask_dollars", string},
      {"trade", "trade_id", string},
      {"trade", "market_ticker", string},
      {"trade", "yes_price_dollars", string},
      {"trade", "count_fp", string},
      {"trade", "taker_book_side", string, "taker_outcome_side"},
      {"fill", "trade_id", string},
      {"fill", "order_id", string},
      {"fill", "market_ticker", string},
      {"fill", "yes_price_dollars", string},
      {"fill", "count_fp", string},
      {"fill", "fee_cost", string},
      {"fill", "is_taker", boolean},
      {"fill", "book_side", string, "outcome_side"},
      {"user_order", "order_id", string},
      {"user_order", "ticker", string},
      {"user_order", "status", string},
      {"user_order", "book_side", string, "outcome_side"},
      {"user_order", "yes_price_dollars", string},
      {"user_order", "initial_count_fp", string},
      {"user_order", "fill_count_fp", string},
      {"user_order", "remaining_count_fp", string},
      {"market_position", "market_ticker", string},
      {"market_position", "position_fp", string},
      {"market_lifecycle_v2", "market_ticker", string},
      {"market_lifecycle_v2", "event_type", string},
      {"cfbenchmarks_value", "index_id", string},
      {"cfbenchmarks_value", "data", string},
  };
  return all;
}

Result<std::vector<std::string>> rest_changes(const std::string& openapi) {
  const auto d = Document::read(openapi, "openapi");
  if (!d) return tl::unexpected(d.error());
  std::vector<std::string> out;
  for (const auto& f : rest_fields()) {
    tell(out, fmt::format("{} {}{}", f.method, f.path, f.tail == nullptr ? "" : fmt::format("{{}}{}", f.tail)),
         rest_change(*d, f));
  }
  return out;
}

Result<std::vector<std::string>> stream_changes(const std::string& asyncapi) {
  const auto d = Document::read(asyncapi, "asyncapi");
  if (!d) return tl::unexpected(d.error());
  std::vector<std::string> out;
  for (const auto& f : stream_fields()) {
    tell(out, f.message, stream_change(*d, f));
  }
  return out;
}

std::string published_at(const Endpoints& endpoints) {
  if (!endpoints.kalshi_specs.empty()) return endpoints.kalshi_specs == "none" ? "" : endpoints.kalshi_specs;
  return environment_of(endpoints.kalshi_rest) == Environment::simulated ? "" : "https://docs.kalshi.com";
}

Result<std::vector<std::string>> published_changes(const Endpoints& endpoints) {
  const std::string at = published_at(endpoints);
  const auto calls = fetch(at, "/openapi.yaml", endpoints.ca_file);
  if (!calls) return tl::unexpected(calls.error());
  auto out = rest_changes(*calls);
  if (!out) return fail(at + "/openapi.yaml " + out.error().message);
  const auto stream = fetch(at, "/asyncapi.yaml", endpoints.ca_file);
  if (!stream) return tl::unexpected(stream.error());
  const auto more = stream_changes(*stream);
  if (!more) return fail(at + "/asyncapi.yaml " + more.error().message);
  out->insert(out->end(), more->begin(), more->end());
  return out;
}

}  // namespace voltage::venue::kalshi
