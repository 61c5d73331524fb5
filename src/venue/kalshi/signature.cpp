#include "venue/kalshi/signature.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "io/base64.hpp"

namespace voltage::venue::kalshi {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

EVP_PKEY* pkey_of(void* p) {
  return static_cast<EVP_PKEY*>(p);
}

bool is_rsa(EVP_PKEY* key) {
  return EVP_PKEY_base_id(key) == EVP_PKEY_RSA;
}

bool set_pss(EVP_PKEY_CTX* c) {
  return EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PSS_PADDING) > 0 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(c, EVP_sha256()) > 0 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(c, RSA_PSS_SALTLEN_DIGEST) > 0;
}

const unsigned char* bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

// Never asks on the terminal for a passphrase.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

Key::Key(Key&& o) noexcept : pkey_{std::exchange(o.pkey_, nullptr)} {}
Key& Key::operator=(Key&& o) noexcept {
  std::swap(pkey_, o.pkey_);
  return *this;
}
Key::~Key() {
  EVP_PKEY_free(pkey_of(pkey_));
}

Result<Key> Key::read(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(fmt::format("{}: cannot open the key file: {}", path, std::strerror(errno)));
  struct stat info{};
  std::FILE* file = ::fdopen(fd, "r");
  if (file == nullptr || ::fstat(fd, &info) != 0) {
    if (file != nullptr) std::fclose(file);
    return fail(path + ": cannot read the key file");
  }
  if ((info.st_mode & 077) != 0) {
    std::fclose(file);
    return fail(fmt::format("{}: mode is {:04o}; a key file must be readable by its owner alone: chmod 600 {}", path,
                            static_cast<unsigned>(info.st_mode & 07777), path));
  }
  EVP_PKEY* key = PEM_read_PrivateKey(file, nullptr, no_passphrase, nullptr);
  std::fclose(file);
  if (key == nullptr) return fail(path + ": holds no private key in PEM form without a passphrase");
  const int id = EVP_PKEY_base_id(key);
  if (id != EVP_PKEY_RSA && id != EVP_PKEY_ED25519) {
    EVP_PKEY_free(key);
    return fail(path + ": the key is neither RSA nor Ed25519");
  }
  return Key{key};
}

Result<Key> Key::generate(Kind kind) {
  EVP_PKEY* key = kind == Kind::rsa ? EVP_RSA_gen(2048) : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (key == nullptr) return fail("cannot generate a key");
  return Key{key};
}

Status Key::write(const std::string& path) const {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fail(fmt::format("{}: cannot create the key file: {}", path, std::strerror(errno)));
  std::FILE* file = ::fdopen(fd, "w");
  const bool written =
      file != nullptr && PEM_write_PKCS8PrivateKey(file, pkey_of(pkey_), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  const bool closed = file != nullptr && std::fclose(file) == 0;
  if (!written || !closed) return fail(path + ": cannot write the key file");
  return {};
}

Result<std::string> Key::sign(Time now, std::string_view method, std::string_view path) const {
  const std::string text = fmt::format("{}{}{}", now.ms(), method, path);
  const bool rsa = is_rsa(pkey_of(pkey_));
  Context context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* options = nullptr;
  const EVP_MD* digest = rsa ? EVP_sha256() : nullptr;
  if (EVP_DigestSignInit(context.get(), &options, digest, nullptr, pkey_of(pkey_)) != 1 || (rsa && !set_pss(options))) {
    return fail("cannot set up the signature");
  }
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, bytes(text), text.size()) != 1) return fail("cannot sign");
  std::string signature(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (EVP_DigestSign(context.get(), out, &size, bytes(text), text.size()) != 1) return fail("cannot sign");
  signature.resize(size);
  return io::to_base64(signature);
}

bool Key::verify(std::string_view timestamp_ms, std::string_view method, std::string_view path,
                 std::string_view signature_base64) const {
  const auto signature = io::from_base64(signature_base64);
  if (!signature) return false;
  const std::string text = fmt::format("{}{}{}", timestamp_ms, method, path);
  const bool rsa = is_rsa(pkey_of(pkey_));
  Context context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* options = nullptr;
  const EVP_MD* digest = rsa ? EVP_sha256() : nullptr;
  if (EVP_DigestVerifyInit(context.get(), &options, digest, nullptr, pkey_of(pkey_)) != 1) return false;
  if (rsa && !set_pss(options)) return false;
  return EVP_DigestVerify(context.get(), bytes(*signature), signature->size(), bytes(text), text.size()) == 1;
}

}  // namespace voltage::venue::kalshi
