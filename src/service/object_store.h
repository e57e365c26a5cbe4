// ObjectStore: what recordings need of the store that they are brought to. Implemented here over one bucket,
// by tests over a map; safe from any thread.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "storage/client.h"
#include "storage/upload.h"

namespace service {

class ObjectStore {
  public:
    virtual ~ObjectStore() = default;
    // Blocks until the store has the whole file, as storage::upload_file.
    virtual base::Result<storage::Uploaded> upload(const storage::UploadJob& job,
                                                   const storage::UploadHooks& hooks) = 0;
    // The object, and an upload that never became one (empty: none). Blocks. No error when they are gone.
    virtual base::Result<> remove(const std::string& key, const std::string& upload_id) = 0;
    // Whether it answers at all, be it with a refusal. Blocks for some seconds at most. Errors: network,
    // timed_out, unavailable, closed.
    virtual base::Result<> answers() = 0;
    // A signed address; asks nobody.
    virtual base::Result<std::string> link(const storage::Presign& wanted, base::WallTime now) const = 0;
    // What runs ends within a second with `closed`, and so does whatever comes.
    virtual void stop() = 0;
};

class BucketStore final : public ObjectStore {
  public:
    explicit BucketStore(std::unique_ptr<storage::Client> client) : client_(std::move(client)) {}

    base::Result<storage::Uploaded> upload(const storage::UploadJob& job,
                                           const storage::UploadHooks& hooks) override {
        return storage::upload_file(*client_, job, {}, hooks);
    }
    base::Result<> remove(const std::string& key, const std::string& upload_id) override {
        if (!upload_id.empty())
            if (auto aborted = client_->abort_upload(key, upload_id); !aborted) return aborted;
        return client_->remove(key);
    }
    base::Result<> answers() override { return client_->answers(); }
    base::Result<std::string> link(const storage::Presign& wanted, base::WallTime now) const override {
        return client_->presigned_get(wanted, now);
    }
    void stop() override { client_->stop(); }

  private:
    const std::unique_ptr<storage::Client> client_;
};

}  // namespace service
