// fault_proxy: the proxy as a program, for tests in other languages. One command a line on standard input,
// one answer a line on standard output; it ends with its input.
//
//   open TARGET [listen=HOST] [receive_buffer=BYTES] [seed=N] FAULT…   → opened DOOR PORT
//   set DOOR FAULT…                                                    → ok       all connections; no fault:
//   none set DOOR/CONNECTION FAULT…                                         → ok       one, by its number
//   from 0 reset DOOR  ·  close DOOR                                          → ok counters DOOR → counters
//   OPEN ACCEPTED BYTES_UP BYTES_DOWN anything else                          → error WHY
//
// TARGET is a port, or HOST:PORT. The faults are fault_text.h's.
#include <charconv>
#include <iostream>
#include <map>
#include <sstream>
#include <system_error>

#include "support/fault_text.h"

namespace {

using test_support::FaultProxy;

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

class Commands {
  public:
    std::string obey(std::vector<std::string> words) {
        if (words.size() < 2) return "error not understood";
        const std::string command = words[0];
        const std::string subject = words[1];
        words.erase(words.begin(), words.begin() + 2);
        if (command == "open") return open(subject, std::move(words));

        const std::size_t slash = subject.find('/');
        const auto id = number<int>(subject.substr(0, slash));
        const auto found = id ? doors_.find(*id) : doors_.end();
        if (found == doors_.end()) return "error no such door";
        FaultProxy::Door& door = found->second;
        if (command == "set") {
            const auto faults = test_support::read_faults(words);
            if (!faults) return "error " + faults.error().message;
            if (slash == std::string::npos) {
                door.set(*faults);
                return "ok";
            }
            const auto connection = number<std::size_t>(subject.substr(slash + 1));
            if (!connection) return "error no such connection";
            door.set(*connection, *faults);
        } else if (command == "reset") {
            door.reset();
        } else if (command == "close") {
            door.close();
        } else if (command == "counters") {
            const auto counters = door.counters();
            return "counters " + std::to_string(counters.open) + " " +
                   std::to_string(counters.accepted.size()) + " " + std::to_string(counters.bytes_up) + " " +
                   std::to_string(counters.bytes_down);
        } else {
            return "error not understood";
        }
        return "ok";
    }

  private:
    std::string open(const std::string& target, std::vector<std::string> words) {
        test_support::DoorSettings settings;
        const std::size_t colon = target.find(':');
        if (colon != std::string::npos) settings.target_host = target.substr(0, colon);
        const auto port =
            number<std::uint16_t>(colon == std::string::npos ? target : target.substr(colon + 1));
        if (!port) return "error no such target";
        settings.target_port = *port;
        bool understood = true;
        std::erase_if(words, [&](const std::string& word) {
            const std::size_t equals = word.find('=');
            const std::string name = word.substr(0, equals);
            const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
            if (name == "listen") {
                settings.listen_host = value;
            } else if (name == "receive_buffer") {
                settings.receive_buffer = number<int>(value).value_or(-1);
                understood = understood && settings.receive_buffer >= 0;
            } else if (name == "seed") {
                const auto seed = number<std::uint32_t>(value);
                understood = understood && seed;
                settings.seed = seed.value_or(1);
            } else {
                return false;
            }
            return true;
        });
        if (!understood) return "error not understood";
        const auto faults = test_support::read_faults(words);
        if (!faults) return "error " + faults.error().message;
        try {
            const FaultProxy::Door door = proxy_.open(settings, *faults);
            doors_.emplace(++last_id_, door);
            return "opened " + std::to_string(last_id_) + " " + std::to_string(door.port());
        } catch (const std::system_error& error) {
            return std::string("error ") + error.what();
        }
    }

    FaultProxy proxy_;
    std::map<int, FaultProxy::Door> doors_;
    int last_id_ = 0;
};

}  // namespace

int main() {
    Commands commands;
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream stream(line);
        std::vector<std::string> words;
        for (std::string word; stream >> word;) words.push_back(word);
        std::cout << commands.obey(std::move(words)) << std::endl;
    }
    return 0;
}
