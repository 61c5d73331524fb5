#pragma once
// One JSON text as a flat tree in which every scalar keeps its own text: a number stays the digits that
// were sent, so that a price never passes through a double. simdjson finds the structure and checks UTF-8
// and escapes; every node is visited, so a text that is not wholly valid JSON is refused, also in parts
// that nobody reads. Values point into the document and die with the next parse().
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace voltage::venue {

enum class JsonType : std::uint8_t { null, boolean, number, string, array, object };
const char* name(JsonType type);

struct JsonNode {
  JsonType type{JsonType::null};
  std::uint32_t next{0};   // the sibling after this one; 0: none (node 0 is the root)
  std::uint32_t first{0};  // the first child; 0: none
  std::uint32_t size{0};
  std::string_view key;   // inside an object
  std::string_view text;  // string unescaped, number and literal as sent
};

class JsonDocument;

class JsonValue {
 public:
  JsonValue() = default;
  JsonValue(const std::vector<JsonNode>* nodes, std::uint32_t index) : nodes_{nodes}, index_{index} {}

  JsonType type() const { return node().type; }
  bool is(JsonType t) const { return type() == t; }
  std::string_view text() const { return node().text; }
  std::string_view key() const { return node().key; }
  std::uint32_t size() const { return node().size; }
  bool boolean() const { return node().text == "true"; }

  class Iterator {
   public:
    Iterator(const std::vector<JsonNode>* nodes, std::uint32_t index) : nodes_{nodes}, index_{index} {}
    JsonValue operator*() const { return {nodes_, index_}; }
    Iterator& operator++() {
      index_ = (*nodes_)[index_].next;
      return *this;
    }
    bool operator!=(const Iterator& o) const { return index_ != o.index_; }

   private:
    const std::vector<JsonNode>* nodes_;
    std::uint32_t index_;
  };
  Iterator begin() const { return {nodes_, node().first}; }
  Iterator end() const { return {nodes_, 0}; }

 private:
  const JsonNode& node() const { return (*nodes_)[index_]; }
  const std::vector<JsonNode>* nodes_{};
  std::uint32_t index_{};
};

class JsonDocument {
 public:
  JsonDocument();
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  // The root, an object or an array. Fails on anything but one complete JSON text of at most 64 levels.
  Result<JsonValue> parse(std::string_view text);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::vector<JsonNode> nodes_;
};

}  // namespace voltage::venue
