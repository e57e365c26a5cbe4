// RecordingArchive: brings finished recordings to an object store, one file after another, and removes there
// what was deleted here. A file leaves the disk only after the store was seen to have all of it and the
// database says so; whatever stops it in between, the next look goes on. Owned by RecordingService. Its
// thread waits for the disk, SQL and the store; the methods are called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "service/archive_settings.h"
#include "service/recording_archive_watch.h"
#include "store/records.h"

namespace service {

struct Context;
class ObjectStore;
class VodLibrary;

class RecordingArchive {
  public:
    // All references outlive it.
    RecordingArchive(Context& context, ObjectStore& objects, const VodLibrary& library,
                     std::filesystem::path folder, ArchiveSettings settings);
    // As stop().
    ~RecordingArchive();
    RecordingArchive(const RecordingArchive&) = delete;
    RecordingArchive& operator=(const RecordingArchive&) = delete;

    void start();
    // A recording became ready, or was deleted.
    void wake();
    // Stops the store too, so that the transfer that runs ends within a second; waits for it.
    void stop();
    // While it is held, nothing is written beside a recording: for whoever deletes one.
    std::unique_lock<std::mutex> hold() { return std::unique_lock(disk_mutex_); }
    ArchiveFigures figures() const;
    // Why a replay cannot be sent there now; nothing while the store answers. Asks nobody, and has the store
    // looked at soon.
    std::optional<base::Error> store_trouble();
    // Nothing is wrong with the way there, as far as is known.
    bool is_well() const;

  private:
    struct Wait {
        std::chrono::milliseconds delay{0};
        std::chrono::steady_clock::time_point until{};
    };

    void run();
    bool stopping() const;
    void store_is_back();
    bool is_store_back();
    void remove_objects();
    void archive_assets();
    base::Result<> archive(const store::Asset& asset);
    base::Result<> bring(const store::Asset& asset, store::AssetFile file);
    // Errors: not_found when the recording was deleted.
    base::Result<> keep_index(const store::AssetFile& file);
    void report(const store::Asset& asset, const base::Error& error);
    void tell_log(const store::Asset& asset, const base::Error& error);
    void tell_owner(const store::Asset& asset, const std::string& text);
    void trouble_is_over(const char* told);
    void add(std::uint64_t ArchiveFigures::*figure, std::uint64_t count = 1);

    Context& context_;
    ObjectStore& objects_;
    const VodLibrary& library_;
    const std::filesystem::path folder_;
    const ArchiveSettings settings_;
    std::mutex disk_mutex_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool woken_ = false;
    bool stopping_ = false;
    bool store_is_back_ = false;
    ArchiveFigures figures_;
    std::optional<std::chrono::steady_clock::time_point> trouble_since_;

    // The thread's alone
    std::map<std::string, Wait> waits_;  // by the asset's id
    Wait removals_wait_;
    std::chrono::steady_clock::time_point told_at_{};
    bool removal_trouble_ = false;
    bool told_of_checksums_ = false;

    RecordingArchiveWatch watch_;
    std::thread thread_;
};

}  // namespace service
