package posthorn.standin;

import de.bwaldvogel.mongo.bson.Document;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * An update that only sets fields of the document itself to plain values. It needs none of the rules for other updates, which
 * copy a document four times.
 */
final class PlainSet {
    private final Document fields;

    private PlainSet(Document fields) {
        this.fields = fields;
    }

    /** Null if the update is another one. */
    static PlainSet of(Document update) {
        Object fields = update.size() == 1 ? update.get("$set") : null;
        if (!(fields instanceof Document) || !((Document) fields).entrySet().stream().allMatch(PlainSet::isPlain)) {
            return null;
        }
        return new PlainSet((Document) fields);
    }

    private static boolean isPlain(Map.Entry<String, Object> field) {
        String name = field.getKey();
        Object value = field.getValue();
        return !name.isEmpty()
            && !name.equals("_id")
            && !name.startsWith("$")
            && !name.contains(".")
            && (value == null || value instanceof String || value instanceof Boolean || value instanceof Instant);
    }

    boolean changes(Document document) {
        return fields.entrySet().stream()
            .anyMatch(field -> !document.containsKey(field.getKey())
                || !Objects.equals(document.get(field.getKey()), field.getValue()));
    }

    Document applyTo(Document document) {
        Document changed = document.clone();
        changed.putAll(fields);
        return changed;
    }
}
