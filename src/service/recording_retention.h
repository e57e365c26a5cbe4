// RecordingRetention: deletes recordings that are too old, and warns, or makes room, when the disk fills;
// with an object store not with those that it has not got yet, unless the settings say so. Owned by
// RecordingService; one worker at a time, blocks on SQL and the disk.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "service/recording_settings.h"
#include "store/records.h"

namespace output {
class Recordings;
}

namespace service {

struct Context;
class RecordingArchive;
class RecordingLife;

class RecordingRetention {
  public:
    // Deletes one recording: its files, then its row.
    using Erase = std::function<base::Result<>(const store::Asset& asset)>;

    // `archive` is null without an object store.
    RecordingRetention(Context& context, output::Recordings& recordings, RecordingLife& life,
                       const RecordingArchive* archive, Erase erase, RecordingSettings settings)
        : context_(context),
          recordings_(recordings),
          life_(life),
          archive_(archive),
          erase_(std::move(erase)),
          settings_(std::move(settings)) {}

    void run();

  private:
    void delete_old();
    void watch_space();
    void tell_low(std::int64_t free_percent, std::uint64_t free_bytes);
    // What is on the disk is the only copy, and stays.
    bool keeps_all() const;
    // False when there is nothing more to delete.
    bool delete_oldest();
    bool erase(const store::Asset& asset, const std::string& why);

    Context& context_;
    output::Recordings& recordings_;
    RecordingLife& life_;
    const RecordingArchive* const archive_;
    const Erase erase_;
    const RecordingSettings settings_;
    bool low_ = false;
};

}  // namespace service
