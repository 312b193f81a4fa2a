package posthorn.standin;

import org.h2.mvstore.MVMap;

/** Changes a map of the store and says so in the journal, one after the other: whoever changes a map does so alone. */
final class JournaledMap<V> {
    private final MVMap<Object, V> map;
    private final Journal journal;

    JournaledMap(MVMap<Object, V> map, Journal journal) {
        this.map = map;
        this.journal = journal;
    }

    /** To be read. */
    MVMap<Object, V> map() {
        return map;
    }

    void put(Object key, V value) {
        map.put(key, value);
        journal.append(map.getName(), key, value);
    }

    /** Returns what was there already, or null. */
    V putIfAbsent(Object key, V value) {
        V before = map.putIfAbsent(key, value);
        if (before == null) {
            journal.append(map.getName(), key, value);
        }
        return before;
    }

    /** Returns what was there, or null. */
    V remove(Object key) {
        V before = map.remove(key);
        if (before != null) {
            journal.append(map.getName(), key, null);
        }
        return before;
    }
}
