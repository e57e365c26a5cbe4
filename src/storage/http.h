// One HTTP request to a store at a time, signed by libcurl. Keeps its connection for the next. One thread at
// a time.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "storage/object_url.h"
#include "storage/store_error.h"

namespace storage {

struct HttpCall {
    enum class Method { get, head, put, post, remove };
    Method method = Method::get;
    ObjectUrl url;
    // Put and post; it stays where it is until the call is over.
    base::ByteView body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    // The store may work on it for minutes before it says a word.
    bool slow = false;
};

class Http {
  public:
    // `stop`: once set, what runs ends within a second.
    Http(const StoreSettings& settings, const std::atomic<bool>& stop);
    ~Http();
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;

    // Any answer, whatever its status. Errors: network, timed_out, closed, limit_exceeded; the first two are
    // worth another try.
    base::Result<HttpAnswer> perform(const HttpCall& call);

  private:
    struct Curl;
    std::unique_ptr<Curl> curl_;
    const StoreSettings& settings_;
    const std::atomic<bool>& stop_;
};

}  // namespace storage
