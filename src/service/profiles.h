// Profiles: named sets of destinations for going live. Owned by app/, safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "service/actor.h"
#include "service/destinations.h"
#include "service/page.h"
#include "service/settings.h"

namespace service {

struct Context;

struct ProfileEntry {
    std::string destination_id;
    // Instead of the destination's own.
    std::optional<DestinationSettings> settings = {};
};

struct Profile {
    std::string id;
    std::string owner_id;
    std::optional<std::string> station_id;
    std::string name;
    std::string description;
    // In the order given; a destination that was deleted since is left out.
    std::vector<ProfileEntry> entries;
    // At most one per owner and station; setting it takes it from the other.
    bool is_default = false;
    // What the show starts with when the request does not say.
    bool recording_enabled = false;
    base::WallTime created_at{};
    base::WallTime updated_at{};
};

struct NewProfile {
    std::string name;
    std::string description = {};
    std::optional<std::string> station_id = {};
    std::vector<ProfileEntry> entries = {};
    bool is_default = false;
    bool recording_enabled = false;
};

struct ProfileChange {
    std::optional<std::string> name = {};
    std::optional<std::string> description = {};
    std::optional<std::string> station_id = {};
    std::optional<std::vector<ProfileEntry>> entries = {};
    std::optional<bool> is_default = {};
    std::optional<bool> recording_enabled = {};
};

class ProfileService {
  public:
    ProfileService(Context& context, InstanceLimits limits) : context_(context), limits_(limits) {}

    // `station_id` empty: all of the actor's.
    base::Result<Page<Profile>> list(const Actor& actor, const std::string& station_id,
                                     const PageRequest& page);
    base::Result<Profile> find(const Actor& actor, const std::string& id);
    base::Result<Profile> create(const Actor& actor, const NewProfile& profile);
    base::Result<Profile> update(const Actor& actor, const std::string& id, const ProfileChange& change);
    base::Result<> remove(const Actor& actor, const std::string& id);

  private:
    Context& context_;
    const InstanceLimits limits_;
};

}  // namespace service
