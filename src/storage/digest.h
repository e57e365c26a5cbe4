// The digests that a store asks for. Pure; any thread.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace storage {

using Md5 = std::array<std::uint8_t, 16>;
using Sha256 = std::array<std::uint8_t, 32>;

// Against damage on the way only: S3 names objects by it.
Md5 md5(base::ByteView bytes);
// Of what comes in pieces.
class Md5Stream {
  public:
    Md5Stream();
    ~Md5Stream();
    Md5Stream(const Md5Stream&) = delete;
    Md5Stream& operator=(const Md5Stream&) = delete;

    void add(base::ByteView bytes);
    Md5 finish();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};
Sha256 sha256(base::ByteView bytes);
Sha256 hmac_sha256(base::ByteView key, base::ByteView text);
std::string base64(base::ByteView bytes);

}  // namespace storage
