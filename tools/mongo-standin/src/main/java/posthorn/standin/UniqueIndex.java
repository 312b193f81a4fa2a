package posthorn.standin;

import de.bwaldvogel.mongo.backend.AbstractUniqueIndex;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import java.util.AbstractMap.SimpleEntry;
import java.util.List;
import java.util.Map.Entry;
import java.util.stream.Collectors;
import org.h2.mvstore.MVMap;

/** A unique index, in the file: it decides what may be written, so it must be there as early as the documents are. */
final class UniqueIndex extends AbstractUniqueIndex<Object> {
    private final MVMap<Object, Object> entries;

    UniqueIndex(String name, List<IndexKey> keys, boolean sparse, MVMap<Object, Object> entries) {
        super(name, keys, sparse);
        this.entries = entries;
    }

    @Override
    protected boolean putKeyPosition(KeyValue key, Object position) {
        return entries.putIfAbsent(fileKey(key), Missing.ofNullable(position)) == null;
    }

    @Override
    protected Object removeDocument(KeyValue key) {
        return entries.remove(fileKey(key));
    }

    @Override
    protected Object getPosition(KeyValue key) {
        return entries.get(fileKey(key));
    }

    @Override
    protected Iterable<Entry<KeyValue, Object>> getIterable() {
        return () -> entries.entrySet().stream()
            .<Entry<KeyValue, Object>>map(entry -> new SimpleEntry<>(new KeyValue(asList(entry.getKey())), entry.getValue()))
            .iterator();
    }

    @Override
    public long getCount() {
        return entries.sizeAsLong();
    }

    @Override
    public long getDataSize() {
        return getCount();
    }

    /** One string stays a string, which is the common case and the cheapest to compare. */
    private static Object fileKey(KeyValue key) {
        if (key.size() == 1 && key.get(0) instanceof String) {
            return key.get(0);
        }
        return key.stream().collect(Collectors.toList());
    }

    private static List<?> asList(Object fileKey) {
        return fileKey instanceof List ? (List<?>) fileKey : List.of(fileKey);
    }
}
