// Client: one bucket of an S3-compatible store. Each call blocks, tries again where that may help, and gives
// up with an error that says what to mend. Any thread; calls do not wait for each other.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <variant>
#include <vector>

#include "storage/http.h"
#include "storage/presign.h"
#include "storage/store_xml.h"

namespace storage {

struct ObjectInfo {
    std::uint64_t size = 0;
    std::string etag;  // without quotes
    // Whatever it looks like, it is no digest: the store encrypts.
    bool opaque_etag = false;
};

// How the store is to serve it; empty: as it likes.
struct ObjectHeaders {
    std::string content_type = {};
    std::string cache_control = {};
};

struct ClientCounters {
    std::uint64_t requests = 0;
    std::uint64_t retries = 0;
    std::uint64_t failures = 0;  // calls that failed for good
};

class Client {
  public:
    // Keeps a copy of the settings. Errors: invalid_argument, telling which of them to mend.
    static base::Result<std::unique_ptr<Client>> create(const StoreSettings& settings);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Errors of all calls: unauthenticated, forbidden, not_found, invalid_argument (settings, key),
    // unavailable, network, timed_out, malformed (an answer that makes no sense), closed (stopped).
    // What is put is guarded by its digests; the ETag is compared where it is one.
    base::Result<ObjectInfo> put(const std::string& key, base::ByteView bytes, const ObjectHeaders& headers);
    base::Result<ObjectInfo> head(const std::string& key);
    // One look, on a connection of its own, whether the store answers at all, be it with a refusal; soon
    // over. Errors: network, timed_out, unavailable, closed.
    base::Result<> answers();
    // No error when there is none.
    base::Result<> remove(const std::string& key);

    base::Result<std::string> create_upload(const std::string& key, const ObjectHeaders& headers);
    // Its ETag. Errors besides: not_found, named upload_gone.
    base::Result<std::string> upload_part(const std::string& key, const std::string& upload_id, int number,
                                          base::ByteView bytes);
    // All that the store has of an upload. Errors besides: not_found, named upload_gone.
    base::Result<std::vector<UploadedPart>> list_parts(const std::string& key, const std::string& upload_id);
    // The object's ETag. Errors besides: not_found or conflict, named upload_gone.
    base::Result<std::string> complete_upload(const std::string& key, const std::string& upload_id,
                                              const std::vector<UploadedPart>& parts);
    // No error when it is gone already.
    base::Result<> abort_upload(const std::string& key, const std::string& upload_id);

    // Asks nobody.
    base::Result<std::string> presigned_get(const Presign& wanted, base::WallTime now) const {
        return storage::presigned_get(settings_, wanted, now);
    }

    ClientCounters counters() const;
    const std::string& bucket() const { return settings_.bucket; }
    // What runs ends within a second with `closed`, and so does whatever comes.
    void stop();

  private:
    explicit Client(const StoreSettings& settings);

    // A 2xx answer, at last.
    base::Result<HttpAnswer> call(HttpCall::Method method, const std::string& key, Query query,
                                  base::ByteView body = {},
                                  std::vector<std::pair<std::string, std::string>> headers = {});
    std::variant<HttpAnswer, Failure> try_once(const HttpCall& call);
    // False: stopped.
    bool wait_before(int retry, std::optional<std::chrono::seconds> asked);
    base::Result<std::string> put_checked(const std::string& key, Query query, base::ByteView bytes,
                                          const ObjectHeaders& headers);

    const StoreSettings settings_;
    const StoreSettings look_settings_;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::unique_ptr<Http>> idle_;
    std::minstd_rand random_{std::random_device{}()};
    ClientCounters counters_;
};

// Whether an ETag is an MD5, or the MD5 of the parts' MD5s, as most stores have it. Encrypted objects, and
// some stores, have something else there.
bool is_md5_etag(std::string_view etag);
bool is_multipart_md5_etag(std::string_view etag);

}  // namespace storage
