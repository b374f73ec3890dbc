#include "distributed/mpi_store.h"

namespace strata {

void MpiStore::set(const std::string& key, const std::vector<uint8_t>& value) {
  HashStore::set(key, value);
  if (!comm_.is_root()) return;
  comm_.broadcast(key);
  comm_.broadcast(std::string(value.begin(), value.end()));
}

std::vector<uint8_t> MpiStore::get(const std::string& key) {
  while (!comm_.is_root() && !check({key})) {
    const std::string arrived = comm_.broadcast(std::string());
    const std::string value = comm_.broadcast(std::string());
    HashStore::set(arrived, {value.begin(), value.end()});
  }
  return HashStore::get(key);
}

}  // namespace strata
