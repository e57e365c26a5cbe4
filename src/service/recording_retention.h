// RecordingRetention: deletes recordings that are too old, and warns, or makes room, when the disk fills.
// Owned by RecordingService; one worker at a time, blocks on SQL and the disk.
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
class RecordingLife;

class RecordingRetention {
  public:
    // Deletes one recording: its files, then its row.
    using Erase = std::function<base::Result<>(const store::Asset& asset)>;

    RecordingRetention(Context& context, output::Recordings& recordings, RecordingLife& life, Erase erase,
                       RecordingSettings settings)
        : context_(context),
          recordings_(recordings),
          life_(life),
          erase_(std::move(erase)),
          settings_(std::move(settings)) {}

    void run();

  private:
    void delete_old();
    void watch_space();
    // False when there is nothing more to delete.
    bool delete_oldest();
    bool erase(const store::Asset& asset, const std::string& why);

    Context& context_;
    output::Recordings& recordings_;
    RecordingLife& life_;
    const Erase erase_;
    const RecordingSettings settings_;
    bool low_ = false;
};

}  // namespace service
