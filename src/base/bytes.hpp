#pragma once
// Plain values to bytes and back: little-endian integers, doubles bit for bit, counted strings and lists,
// an optional as a flag and its value. A struct joins by a function beside its codec,
//
//   template <class A, class M> requires std::same_as<std::remove_const_t<M>, S>
//   void fields(A& archive, M& s) { auto& [a, b] = s; archive(a, b); }
//
// found by argument-dependent lookup; the structured binding stops the build when a member is added to S and
// forgotten there. An enum joins by `constexpr std::size_t enum_count(E)`.
//
// Every NaN is written as the same NaN, because compilers differ in the sign of those that arithmetic makes
// and nothing reads it. The reader never throws and never reads past the end: the first thing wrong is kept
// in words, and everything after it is zero.
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/check.hpp"

namespace voltage {

static_assert(std::endian::native == std::endian::little, "the byte formats are little-endian");

class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_{out} {}  // appends

  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

 private:
  template <class T>
  void put(const T& v) {
    if constexpr (std::is_same_v<T, bool>) {
      out_.push_back(v ? '\1' : '\0');
    } else if constexpr (std::is_enum_v<T>) {
      CHECK(static_cast<std::size_t>(v) < enum_count(T{}));
      out_.push_back(static_cast<char>(v));
    } else if constexpr (std::is_integral_v<T>) {
      char raw[sizeof v];
      std::memcpy(raw, &v, sizeof v);
      out_.append(raw, sizeof v);
    } else if constexpr (std::is_same_v<T, double>) {
      put(std::bit_cast<std::uint64_t>(std::isnan(v) ? std::numeric_limits<double>::quiet_NaN() : v));
    } else {
      fields(*this, v);
    }
  }
  void put(const std::string& v) {
    CHECK(v.size() <= std::numeric_limits<std::uint32_t>::max());
    put(static_cast<std::uint32_t>(v.size()));
    out_ += v;
  }
  template <class T>
  void put(const std::vector<T>& v) {
    put(static_cast<std::uint32_t>(v.size()));
    for (const T& element : v) put(element);
  }
  template <class T, std::size_t N>
  void put(const std::array<T, N>& v) {
    for (const T& element : v) put(element);
  }
  template <class T>
  void put(const std::optional<T>& v) {
    put(v.has_value());
    if (v) put(*v);
  }

  std::string& out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_{bytes} {}

  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }
  bool ok() const { return wrong_.empty(); }
  // Call when all is read: bytes left over are wrong too.
  void finish() {
    if (at_ != bytes_.size()) fail(std::to_string(bytes_.size() - at_) + " bytes too many");
  }
  void fail(std::string why) {
    if (wrong_.empty()) wrong_ = std::move(why) + " at byte " + std::to_string(at_);
    at_ = bytes_.size();
  }
  const std::string& wrong() const { return wrong_; }

 private:
  bool take(void* to, std::size_t n) {
    if (!ok()) return false;
    if (bytes_.size() - at_ < n) {
      fail("ends too early");
      return false;
    }
    std::memcpy(to, bytes_.data() + at_, n);
    at_ += n;
    return true;
  }
  template <class T>
  void get(T& v) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t raw = 0;
      get(raw);
      if (raw > 1) fail("a flag of " + std::to_string(raw));
      v = raw == 1;
    } else if constexpr (std::is_enum_v<T>) {
      std::uint8_t raw = 0;
      get(raw);
      if (raw >= enum_count(T{})) fail("an enum value of " + std::to_string(raw) + ", unknown here");
      v = ok() ? static_cast<T>(raw) : T{};
    } else if constexpr (std::is_integral_v<T>) {
      if (!take(&v, sizeof v)) v = 0;
    } else if constexpr (std::is_same_v<T, double>) {
      std::uint64_t raw = 0;
      get(raw);
      v = std::bit_cast<double>(raw);
    } else {
      fields(*this, v);
    }
  }
  // A count that the bytes left can't hold is refused before anything is allocated.
  std::uint32_t count(std::size_t least_bytes_each) {
    std::uint32_t n = 0;
    get(n);
    if (n > (bytes_.size() - at_) / least_bytes_each) {
      fail("a count of " + std::to_string(n) + ", more than is there");
      return 0;
    }
    return n;
  }
  void get(std::string& v) {
    const std::uint32_t n = count(1);
    v.assign(bytes_.substr(at_, n));
    at_ += n;
  }
  template <class T>
  void get(std::vector<T>& v) {
    v.assign(count(1), T{});
    for (T& element : v) get(element);
  }
  template <class T, std::size_t N>
  void get(std::array<T, N>& v) {
    for (T& element : v) get(element);
  }
  template <class T>
  void get(std::optional<T>& v) {
    bool there = false;
    get(there);
    v.reset();
    if (there) get(v.emplace());
  }

  std::string_view bytes_;
  std::size_t at_{0};
  std::string wrong_;
};

}  // namespace voltage
