#include "venue/kalshi/signature.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <openssl/crypto.h>
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

// From the first key on the process leaves no core file and nobody but root may look into it: copies of a key's
// numbers live in more places than could be wiped. What can be kept in memory that is never dumped, is.
// The leak checker of a sanitizer build needs to look: there the key is a test's.
void keep_secrets_in() {
#if !defined(__SANITIZE_ADDRESS__)
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
  constexpr std::size_t kHeap = 256 << 10;
  if (CRYPTO_secure_malloc_initialized() == 0) CRYPTO_secure_malloc_init(kHeap, 32);
}

constexpr std::size_t kKeyFileMax = 32 << 10;

// The file's bytes in memory that is never dumped and is wiped when it goes.
class SecretBytes {
 public:
  explicit SecretBytes(std::size_t size)
      : data_{static_cast<char*>(OPENSSL_secure_zalloc(size))}, size_{data_ == nullptr ? 0 : size} {}
  ~SecretBytes() { OPENSSL_secure_clear_free(data_, size_); }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  char* data() { return data_; }
  std::size_t size() const { return size_; }

 private:
  char* data_;
  std::size_t size_;
};

// All of the file, up to the buffer's size; -1 on an error.
std::ptrdiff_t read_all(int fd, SecretBytes& into) {
  std::size_t got = 0;
  while (got < into.size()) {
    const auto n = ::read(fd, into.data() + got, into.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return static_cast<std::ptrdiff_t>(got);
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
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    return fail(path + ": is no file that could hold a key");
  }
  if ((info.st_mode & 077) != 0) {
    ::close(fd);
    return fail(fmt::format("{}: mode is {:04o}; a key file must be readable by its owner alone: chmod 600 {}", path,
                            static_cast<unsigned>(info.st_mode & 07777), path));
  }
  keep_secrets_in();
  SecretBytes bytes{kKeyFileMax};
  const auto size = read_all(fd, bytes);
  ::close(fd);
  if (size < 0 || static_cast<std::size_t>(size) == bytes.size())
    return fail(path + ": cannot be read as a key file of less than 32 kB");
  BIO* bio = BIO_new_mem_buf(bytes.data(), static_cast<int>(size));
  EVP_PKEY* key = bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio, nullptr, no_passphrase, nullptr);
  BIO_free(bio);
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

Result<Key> Key::of_public(std::string_view pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = bio == nullptr ? nullptr : PEM_read_bio_PUBKEY(bio, nullptr, no_passphrase, nullptr);
  BIO_free(bio);
  if (key == nullptr) return fail("is no public key in PEM form");
  Key out{key};
  const int id = EVP_PKEY_base_id(key);
  if (id != EVP_PKEY_RSA && id != EVP_PKEY_ED25519) return fail("is neither RSA nor Ed25519");
  return out;
}

// PKCS#1 for RSA, PKCS#8 for Ed25519.
Result<std::string> Key::private_pem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  EVP_PKEY* key = pkey_of(pkey_);
  const auto put = [&] {
    return is_rsa(key) ? PEM_write_bio_PrivateKey_traditional(bio, key, nullptr, nullptr, 0, nullptr, nullptr)
                       : PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  };
  const bool good = bio != nullptr && put() == 1;
  char* data = nullptr;
  const auto size = good ? BIO_get_mem_data(bio, &data) : 0;
  std::string out(good ? data : "", static_cast<std::size_t>(size));
  BIO_free(bio);
  if (!good) return fail("the key can't be written as PEM");
  return out;
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
