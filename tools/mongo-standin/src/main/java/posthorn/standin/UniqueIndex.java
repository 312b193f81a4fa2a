package posthorn.standin;

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.AbstractUniqueIndex;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.util.AbstractMap.SimpleEntry;
import java.util.List;
import java.util.Map.Entry;
import java.util.stream.Collectors;
import org.h2.mvstore.MVMap;

/** A unique index, in the file: it decides what may be written, so it must be there as early as the documents are. */
final class UniqueIndex extends AbstractUniqueIndex<Object> {
    private final MVMap<Object, Object> entries;
    private final JournaledMap<Object> changes;
    /** The only field, or null. */
    private final String field;

    UniqueIndex(String name, List<IndexKey> keys, boolean sparse, JournaledMap<Object> changes) {
        super(name, keys, sparse);
        this.entries = changes.map();
        this.changes = changes;
        String first = keys.get(0).getKey();
        this.field = keys.size() == 1 && !first.contains(".") ? first : null;
    }

    @Override
    public synchronized void checkAdd(Document document, MongoCollection<Object> collection) {
        String key = plainKey(document);
        if (key == null) {
            super.checkAdd(document, collection);
        } else if (entries.containsKey(key)) {
            throw duplicate(key, collection);
        }
    }

    @Override
    public synchronized void add(Document document, Object position, MongoCollection<Object> collection) {
        String key = plainKey(document);
        if (key == null) {
            super.add(document, position, collection);
        } else if (!putKey(key, position)) {
            throw duplicate(key, collection);
        }
    }

    @Override
    public Object getPosition(Document document) {
        String key = plainKey(document);
        return key == null ? super.getPosition(document) : entries.get(key);
    }

    @Override
    public synchronized void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
        if (!hasSameKey(before, after)) {
            super.checkUpdate(before, after, collection);
        }
    }

    @Override
    public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) {
        if (!hasSameKey(before, after)) {
            super.updateInPlace(before, after, position, collection);
        }
    }

    private boolean hasSameKey(Document before, Document after) {
        String key = plainKey(before);
        return key != null && key.equals(plainKey(after));
    }

    /** The key if it is just one string, which is the common case and needs none of the rules for others; or null. */
    private String plainKey(Document document) {
        Object value = field == null ? null : document.get(field);
        return value instanceof String ? (String) value : null;
    }

    private DuplicateKeyError duplicate(String key, MongoCollection<Object> collection) {
        return new DuplicateKeyError(this, collection, getKeys(), new KeyValue(key));
    }

    @Override
    protected boolean putKeyPosition(KeyValue key, Object position) {
        return putKey(fileKey(key), position);
    }

    private boolean putKey(Object fileKey, Object position) {
        return changes.putIfAbsent(fileKey, Missing.ofNullable(position)) == null;
    }

    @Override
    protected Object removeDocument(KeyValue key) {
        return changes.remove(fileKey(key));
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
