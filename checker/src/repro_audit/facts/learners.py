"""What the classes and functions of learning libraries do to rows: tables of names.

The transformers follow the method list of Yang et al., "Data Leakage in Notebooks" (ASE 2022),
and the public reference of scikit-learn, imbalanced-learn and category_encoders.
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of a table's text."""
    return frozenset(text.split())


STATISTICS = words(
    "StandardScaler MinMaxScaler RobustScaler MaxAbsScaler PowerTransformer QuantileTransformer "
    "KBinsDiscretizer SimpleImputer Imputer IterativeImputer KNNImputer PCA IncrementalPCA "
    "KernelPCA SparsePCA TruncatedSVD FastICA NMF FactorAnalysis TfidfVectorizer "
    "TfidfTransformer VarianceThreshold SplineTransformer Isomap UMAP DictionaryLearning "
    "LatentDirichletAllocation MissForest CountFrequencyEncoder MeanMedianImputer Winsorizer"
)
VOCABULARIES = words(
    "CountVectorizer OneHotEncoder OrdinalEncoder Tokenizer TextVectorization DictVectorizer "
    "StringLookup IntegerLookup FeatureAgglomeration"
)
SELECTORS = words(
    "SelectKBest SelectPercentile SelectFdr SelectFpr SelectFwe GenericUnivariateSelect "
    "SelectFromModel RFE RFECV SequentialFeatureSelector BorutaPy Boruta TargetEncoder "
    "LeaveOneOutEncoder CatBoostEncoder JamesSteinEncoder MEstimateEncoder WOEEncoder "
    "MeanEncoder LinearDiscriminantAnalysis PLSRegression NeighborhoodComponentsAnalysis "
    "ExhaustiveFeatureSelector BoostARoota MRMR"
)
# Two of the above are models as well: they leak only when they are used to transform.
ALSO_MODELS = frozenset({"LinearDiscriminantAnalysis", "PLSRegression"})
OVERSAMPLERS = words(
    "SMOTE SMOTENC SMOTEN BorderlineSMOTE SVMSMOTE KMeansSMOTE ADASYN RandomOverSampler "
    "SMOTEENN SMOTETomek"
)
UNDERSAMPLERS = words(
    "RandomUnderSampler NearMiss TomekLinks EditedNearestNeighbours AllKNN ClusterCentroids "
    "CondensedNearestNeighbour NeighbourhoodCleaningRule OneSidedSelection "
    "InstanceHardnessThreshold RepeatedEditedNearestNeighbours"
)
STATELESS = words(
    "Normalizer Binarizer FunctionTransformer HashingVectorizer FeatureHasher "
    "PolynomialFeatures LabelEncoder LabelBinarizer MultiLabelBinarizer AdditiveChi2Sampler"
)
SEARCHES = words(
    "GridSearchCV RandomizedSearchCV HalvingGridSearchCV HalvingRandomSearchCV BayesSearchCV "
    "OptunaSearchCV TuneSearchCV TuneGridSearchCV"
)
WRAPPERS = words(
    "Pipeline make_pipeline ColumnTransformer make_column_transformer FeatureUnion make_union "
    "CalibratedClassifierCV TransformedTargetRegressor MultiOutputClassifier "
    "MultiOutputRegressor OneVsRestClassifier OneVsOneClassifier BaggingClassifier "
    "BaggingRegressor VotingClassifier VotingRegressor StackingClassifier StackingRegressor "
    "AdaBoostClassifier Compose clone"
)
MODEL_PACKAGES = ("sklearn.", "xgboost.", "lightgbm.", "catboost.", "imblearn.", "cuml.")
KERAS_MODELS = frozenset({"Sequential", "Model"})
CROSS_VALIDATIONS = words(
    "cross_val_score cross_validate cross_val_predict learning_curve validation_curve "
    "permutation_test_score"
)
FOLDS = words(
    "KFold StratifiedKFold RepeatedKFold RepeatedStratifiedKFold GroupKFold "
    "StratifiedGroupKFold TimeSeriesSplit LeaveOneOut LeavePOut LeaveOneGroupOut "
    "LeavePGroupsOut PurgedKFold MultilabelStratifiedKFold"
)
SHUFFLES = words(
    "ShuffleSplit StratifiedShuffleSplit GroupShuffleSplit MultilabelStratifiedShuffleSplit"
)
BY_GROUP = words(
    "GroupKFold StratifiedGroupKFold GroupShuffleSplit LeaveOneGroupOut LeavePGroupsOut "
    "ScaffoldSplitter SpatialKFold BlockKFold GroupTimeSeriesSplit"
)
BY_TIME = words(
    "TimeSeriesSplit PurgedKFold temporal_train_test_split ExpandingWindowSplitter "
    "SlidingWindowSplitter CombinatorialPurgedKFold BlockingTimeSeriesSplit "
    "GroupTimeSeriesSplit backtest historical_forecasts"
)
MEASURES = words(
    "mean median std var min max quantile mode percentile nanmean nanstd nanmedian nanmin "
    "nanmax nanpercentile amin amax average std_mean var_mean"
)
SUPERVISED_MEASURES = words(
    "mutual_info_classif mutual_info_regression chi2 f_classif f_regression corrwith "
    "r_regression mutual_info_score pointbiserialr"
)
WITHIN_GROUPS = words(
    "cumcount transform shift cumsum cumprod cummax diff rank rolling ffill bfill pct_change "
    "expanding"
)
TIME_CALLS = words(
    "to_datetime date_range shift rolling asfreq tz_localize Prophet ARIMA SARIMAX "
    "ExponentialSmoothing "
    "adfuller seasonal_decompose TimeSeries TimeSeriesDataSet DatetimeIndex"
)
READERS = words(
    "read_csv read_table read_excel read_parquet read_feather read_json read_pickle read_hdf "
    "read_sql read_stata read_sas read_fwf loadtxt genfromtxt load_npz loadmat "
    "load_svmlight_file imread"
)
WITHOUT_ROWS = words(
    "len print type isinstance range str repr enumerate_columns exit open getattr hasattr id "
    "display head info describe info value_counts nunique unique plot hist show figure savefig "
    "set_xlabel title legend boxplot heatmap pairplot countplot scatter scatterplot to_csv "
    "to_pickle to_parquet to_excel save savez dump train eval cuda parameters state_dict "
    "zero_grad seed manual_seed set_params get_params summary compile"
)
SAME_ROWS = words(
    "copy astype to_numpy numpy values reset_index to float double long cpu cuda reshape "
    "from_numpy tensor Tensor array asarray DataFrame Series ravel flatten toarray todense "
    "squeeze contiguous fillna replace clip round dropna drop_duplicates sort_values sort_index "
    "set_index as_tensor csr_matrix convert_to_tensor"
)
ROW_FILTERS = words(
    "drop dropna query filter head tail sample drop_duplicates nlargest nsmallest take isin "
    "truncate"
)
IMPORTANCES = words(
    "feature_importances_ coef_ support_ ranking_ scores_ pvalues_ selected_features_ "
    "get_support get_feature_names_out feature_importance get_score k_feature_names_ "
    "k_feature_idx_ accepted_features_ selected_features feature_importances"
)
EVALUATIONS = frozenset({"score", "evaluate"})
PREDICTIONS = frozenset(
    {"predict", "predict_proba", "decision_function", "predict_log_proba", "predict_classes"}
)
WATCHED = (
    "validation_data",
    "eval_set",
    "val_dataloaders",
    "eval_dataset",
    "valid_sets",
    "evals",
    "val_dataloader",
    "validation_loader",
)
CHOOSERS = words(
    "EarlyStopping ModelCheckpoint early_stopping EarlyStoppingCallback ReduceLROnPlateau"
)
FITTED = words("fit_transform fit_on_texts adapt quantile percentile zscore")
RESAMPLING = words("fit_resample fit_sample resample WeightedRandomSampler")
PRETRAINED = words("from_pretrained pipeline SentenceTransformer create_model")
CHOOSING_KEYWORDS = ("early_stopping_rounds", "load_best_model_at_end", "use_best_model")
BEST_OF = words("argmax argmin nanargmax nanargmin idxmax idxmin max min sorted")


def abilities(method: str, name: str) -> frozenset[str]:
    """Return what an object made by `name` can learn from rows; nothing for what is no tool."""
    table = (
        (STATISTICS, {"statistic"}),
        (VOCABULARIES, {"vocabulary"}),
        (OVERSAMPLERS, {"copies"}),
        (UNDERSAMPLERS, {"balance"}),
        (STATELESS, {"stateless"}),
        (SEARCHES, {"model", "search"}),
        (WRAPPERS, {"wrapper"}),
        (FOLDS | SHUFFLES | BY_GROUP | (BY_TIME - {"temporal_train_test_split"}), {"splitter"}),
    )
    if method in SELECTORS:
        return frozenset({"selection", "model"} if method in ALSO_MODELS else {"selection"})
    for names, found in table:
        if method in names:
            return frozenset(found)
    package = name.startswith(MODEL_PACKAGES) and ".metrics." not in name
    keras = method in KERAS_MODELS and "keras" in name
    made = method[:1].isupper() and (package or keras)
    return frozenset({"model"} if made else ())
