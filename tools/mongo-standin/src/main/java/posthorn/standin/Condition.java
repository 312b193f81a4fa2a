package posthorn.standin;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Collection;
import java.util.List;

/** What a query says about one field, as far as an index can use it. */
final class Condition {
    private final Object value;

    private Condition(Object value) {
        this.value = value;
    }

    static Condition on(String field, Document query) {
        return new Condition(query.get(field));
    }

    /** Whether the field must be null or missing. */
    static boolean isNull(String field, Document query) {
        return query.containsKey(field) && query.get(field) == null;
    }

    /** Whether it is a value or one operator, so that nothing is left of it once that was looked at. */
    boolean isSingle() {
        return !isOperators() || ((Document) value).size() == 1;
    }

    /** The only value that the field may have, or null if there may be others. */
    Object equal() {
        Object candidate = isOperators() ? ((Document) value).get("$eq") : value;
        return isScalar(candidate) ? candidate : null;
    }

    /** The values of which the field must have one, or null if there may be others. */
    Collection<?> oneOf() {
        Object only = equal();
        if (only != null) {
            return List.of(only);
        }
        Object in = isOperators() ? ((Document) value).get("$in") : null;
        return in instanceof Collection && ((Collection<?>) in).stream().allMatch(Condition::isScalar) ? (Collection<?>) in : null;
    }

    /** The lower bound, inclusive, or null. */
    Object from() {
        return bound("$gte", "$gt");
    }

    /** The upper bound, inclusive, or null. */
    Object to() {
        return bound("$lte", "$lt");
    }

    private Object bound(String inclusive, String exclusive) {
        if (!isOperators()) {
            return null;
        }
        Document operators = (Document) value;
        Object bound = operators.containsKey(inclusive) ? operators.get(inclusive) : operators.get(exclusive);
        return isScalar(bound) ? bound : null;
    }

    private boolean isOperators() {
        return value instanceof Document && ((Document) value).keySet().stream().anyMatch(key -> key.startsWith("$"));
    }

    /** Null matches what is missing too, documents and arrays have rules of their own: all these are left to the full query. */
    private static boolean isScalar(Object candidate) {
        return !Missing.isNullOrMissing(candidate)
            && !(candidate instanceof Document)
            && !(candidate instanceof Collection)
            && !(candidate instanceof BsonRegularExpression);
    }
}
